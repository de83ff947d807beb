package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;

/** What goes from the record and from the discarded entries once it is old enough, and what stays. */
class RetentionIT {

    private static final Duration KEPT = Duration.ofDays(90);

    private OperatorScene scene;
    private RetentionStore store;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        store = new RetentionStore(scene.installed().dataSource(), "dualwrite");
        for (int id = 1; id <= 4; id++) {
            scene.held(id, "a" + id, "dead");
            scene.run("SELECT $.discard(" + id + ", 'was a test')");
        }
        scene.run("UPDATE $.discarded_entry SET discarded_at = now() - interval '91 days' WHERE version <= 3");
        scene.run("UPDATE $.audit_entry SET at = now() - interval '91 days' WHERE subject <> 'entry 4'");
    }

    @Test
    void oldestRowsOfTheRecordGoUpToTheBoundAndTheYoungStay() throws SQLException {
        scene.run("UPDATE $.audit_entry SET at = now() - interval '99 days' WHERE subject = 'entry 2'");

        assertThat(store.purgeAudit(KEPT, 1)).isEqualTo(1);
        assertThat(scene.rows("SELECT subject FROM $.audit WHERE action = 'discard' ORDER BY audit_id"))
                .containsExactly("entry 1", "entry 3", "entry 4");
        assertThat(store.purgeAudit(KEPT, 100)).isEqualTo(2);
        assertThat(store.purgeAudit(KEPT, 100)).isZero();

        assertThat(scene.rows("SELECT subject FROM $.audit WHERE action = 'discard'"))
                .containsExactly("entry 4");
    }

    @Test
    void recordThatGetsShorterSaysSoOnceADay() throws SQLException {
        store.purgeAudit(KEPT, 1);
        store.purgeAudit(KEPT, 1);
        String rows = "SELECT action, actor, subject, reason, detail->>'older_than' FROM $.audit"
                + " WHERE action LIKE 'purge%' ORDER BY audit_id";

        assertThat(scene.rows(rows)).containsExactly("purge_audit | postgres | record | retention | 90 days");
        scene.run("UPDATE $.audit_entry SET at = now() - interval '25 hours' WHERE action = 'purge_audit'");
        store.purgeAudit(KEPT, 1);

        assertThat(scene.rows(rows)).hasSize(2);
    }

    @Test
    void rowOfADayCountsWhatItsPurgesRemoved() throws SQLException {
        store.purgeAudit(KEPT, 1);
        store.purgeAudit(KEPT, 1);
        store.purgeDiscarded(KEPT, 2);

        assertThat(scene.rows("SELECT action, detail->>'purged' FROM $.audit WHERE action LIKE 'purge%' ORDER BY 1"))
                .containsExactly("purge_audit | 2", "purge_discarded | 2");
    }

    @Test
    void ownerSaysHowLongTheRecordIsKeptAtLeast() throws SQLException {
        String tooSoon = "SELECT $.purge_audit('29 days 23 hours', 100)";
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run(tooSoon))
                .withMessageContaining("older_than is 29 days 23:00:00, expected at least 30 days")
                .withMessageContaining("audit_kept_at_least of the table control");

        scene.run("UPDATE $.control SET audit_kept_at_least = interval '29 days'");

        assertThat(scene.value(tooSoon)).isEqualTo("3");
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("UPDATE $.control SET audit_kept_at_least = interval '23 hours'"))
                .withMessageContaining("control_audit_kept_a_day");
    }

    @Test
    void nothingToPurgeLeavesNoRow() throws SQLException {
        assertThat(store.purgeAudit(Duration.ofDays(400), 100)).isZero();
        assertThat(store.purgeDiscarded(Duration.ofDays(400), 100)).isZero();

        assertThat(scene.rows("SELECT action FROM $.audit WHERE action LIKE 'purge%'"))
                .isEmpty();
    }

    @Test
    void discardedEntriesGoWhetherTheyAreRepairedOrNot() throws SQLException {
        scene.run("UPDATE $.discarded_entry SET repaired_at = now() WHERE version = 2");

        assertThat(store.purgeDiscarded(KEPT, 2)).isEqualTo(2);
        assertThat(store.purgeDiscarded(KEPT, 2)).isEqualTo(1);

        assertThat(scene.rows("SELECT version FROM $.discarded_entry")).containsExactly("4");
        assertThat(scene.rows("SELECT action FROM $.audit WHERE action LIKE 'purge%'"))
                .containsExactly("purge_discarded");
    }

    @Test
    void nobodyWaitsForAPurgeThatIsUnderWay() throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            Psql.run(connection, "SELECT dualwrite.purge_audit('90 days', 1)");

            assertThat(store.purgeAudit(KEPT, 100)).isZero();
            assertThat(store.purgeDiscarded(KEPT, 100)).isZero();
            scene.run("SELECT $.pause_sink('copy', 'store moves')");
            connection.commit();
        }

        assertThat(store.purgeAudit(KEPT, 100)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            NULL, 1           | older_than is null, expected at least 1 day
            '23 hours', 1     | older_than is 23:00:00, expected at least 1 day
            '-1 day', 1       | older_than is -1 days, expected at least 1 day
            '0', 1            | older_than is 00:00:00, expected at least 1 day
            '1 day', NULL     | at_most is null, expected 1 to 100000
            '1 day', 0        | at_most is 0, expected 1 to 100000
            '1 day', 100001   | at_most is 100001, expected 1 to 100000
            """)
    void nonsenseIsRefusedAndNothingGoes(String arguments, String message) throws SQLException {
        scene.run("UPDATE $.control SET audit_kept_at_least = interval '1 day'");
        for (String function : new String[] {"purge_audit", "purge_discarded"}) {
            assertThatExceptionOfType(PSQLException.class)
                    .isThrownBy(() -> scene.run("SELECT $." + function + "(" + arguments + ")"))
                    .withMessageContaining(message)
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("22023"));
        }

        assertThat(scene.rows("SELECT 1 FROM $.audit UNION ALL SELECT 1 FROM $.discarded_entry"))
                .hasSize(8);
    }
}
