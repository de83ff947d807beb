package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** The operator's SQL under other schema names, and twice in one database. */
class OperatorElsewhereIT {

    private static final List<String> VIEWS = List.of("stuck_entries", "backlog", "shards", "relays", "sinks", "audit");

    @Test
    void installationsInOneDatabaseKnowNothingOfEachOther() throws SQLException {
        var one = new OperatorScene("orders_outbox");
        OperatorScene other = one.beside("billing_outbox");
        for (OperatorScene scene : List.of(one, other)) {
            scene.held(1, "a", "dead");
            scene.held(2, "a", "blocked");
            scene.held(3, "b", "dead");
        }
        List<String> before = seen(other);

        one.run("SELECT $.requeue(1, 'x')");
        one.run("SELECT $.requeue_all('copy', 'x')");
        one.run("SELECT $.pause_sink('copy', 'x')");
        one.run("SELECT $.resume_sink('copy', 'x')");
        one.run("SELECT $.pause_sink('copy', 'x')");

        assertThat(seen(other)).isEqualTo(before);
        other.run("SELECT $.discard(1, 'x')");
        assertThat(other.states()).containsExactly("2 backing_off", "3 dead");
        assertThat(one.states()).containsExactly("1 backing_off", "2 blocked", "3 backing_off");
        assertThat(one.value("SELECT count(*) FROM $.audit")).isEqualTo("5");
        assertThat(other.value("SELECT count(*) FROM $.audit")).isEqualTo("1");
    }

    @Test
    void longestSchemaNameIsHeardOnTheChannelThatListenIsCutTo() throws SQLException {
        String name = "s".repeat(63);
        var scene = new OperatorScene(name);
        try (Connection listener = scene.installed().dataSource().getConnection()) {
            Psql.run(listener, "LISTEN dualwrite_" + name);

            scene.run("SELECT $.pause_sink('copy', 'x')");

            assertThat(listener.unwrap(PGConnection.class).getNotifications(10_000))
                    .hasSize(1);
        }
    }

    @Test
    void viewThatAUserBuiltOverOursSurvivesTheMigration() throws SQLException {
        var scene = new OperatorScene("box");
        scene.installed().execute(scene.installed().file("undo/V3__operator.sql"));
        scene.run("CREATE VIEW public.mine AS SELECT b.sink, b.lag_seconds, s.age FROM $.backlog b, $.stuck_entries s");

        assertThatCode(() -> scene.installed().execute(scene.installed().file("postgresql/V3__operator.sql")))
                .doesNotThrowAnyException();
        assertThat(scene.rows("SELECT * FROM public.mine")).isEmpty();
    }

    /** Without ages and lags, which pass by themselves. */
    private static List<String> seen(OperatorScene scene) throws SQLException {
        var seen = new java.util.ArrayList<String>();
        for (String view : VIEWS) {
            seen.addAll(
                    scene.rows("SELECT to_jsonb(v) - '{age,lag_seconds}'::text[] FROM $." + view + " v ORDER BY 1"));
        }
        return seen;
    }
}
