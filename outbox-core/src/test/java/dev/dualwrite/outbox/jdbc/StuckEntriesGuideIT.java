package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;

/** The how-to on stuck entries, run from its first statement to its last; each prints what the page shows. */
class StuckEntriesGuideIT {

    private static final Pattern BLOCK =
            Pattern.compile("```sql\n(.*?);\n```\n(?:```text\n(.*?)\n```)?", Pattern.DOTALL);
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\S*");
    private static final Pattern SECONDS = Pattern.compile("(\\d+)\\d\\.\\d{3}");

    private final List<Step> guide = guide();
    private OperatorScene scene;

    /**
     * A statement of the page.
     *
     * @param printed what the page shows below it; empty where it shows nothing
     */
    private record Step(String sql, String printed) {}

    @Test
    void everyStatementOfThePagePrintsWhatThePageShows() throws SQLException {
        prepare();

        // One session, as at a prompt: a preview is a transaction. What stands for a relay is not the operator's.
        try (Connection person = operator().getConnection();
                Connection relay = scene.installed().dataSource().getConnection()) {
            for (Step step : guide) {
                Connection connection = step.sql().startsWith("UPDATE") ? relay : person;
                assertThat(printed(connection, step.sql())).as(step.sql()).isEqualTo(shown(step.printed()));
            }
        }
    }

    /** A member of the role of those who act, and of nothing else. */
    private DataSource operator() throws SQLException {
        scene.installed().execute(scene.installed().file("roles.sql"));
        scene.run("CREATE ROLE dora LOGIN IN ROLE dualwrite_operator");
        scene.run("SELECT $.grant_roles()");
        var source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) scene.installed().dataSource()).getUrl());
        source.setUser("dora");
        source.setPassword("any");
        return source;
    }

    @Test
    void pageUsesEveryFunctionAndLooksIntoEveryView() {
        assertThat(guide.toString())
                .contains("stuck_entries", "backlog", "sinks", "relays", "shards", "audit", "dualwrite.discarded")
                .contains("requeue(", "requeue_some(", "requeue_all(", "oldest_stuck(")
                .contains("discard(", "discard_uncarried(", "pause_sink(", "resume_sink(");
    }

    private void prepare() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");
        scene.hot("copy", "7", "2 minutes");
        scene.hot("search", "7", "5 minutes");
        scene.held(4711, "42", "dead");
        scene.held(4712, "42", "blocked");
        scene.held(4720, "43", "dead");
        scene.held(4730, "44", "dead");
        scene.held(4741, "45", "backing_off");
        scene.run("""
                UPDATE $.held_entry
                SET appended_at = now() - interval '9 minutes',
                    attempts = CASE WHEN version = 4730 THEN 1 ELSE attempts END,
                    error_message = CASE version WHEN 4730 THEN 'rejected: currency XTS is not a currency'
                                                 WHEN 4741 THEN 'deadlock detected'
                                                 ELSE 'value too long for type character varying(20)'
                                    END
                WHERE state <> 'blocked'
                """);
    }

    /** What the database prints now, in the form of {@link #shown}. */
    private static String printed(Connection connection, String sql) throws SQLException {
        try {
            return stable(Psql.run(connection, sql).toString());
        } catch (PSQLException e) {
            return stable("ERROR: " + e.getServerErrorMessage().getMessage());
        }
    }

    /** A table of the page without its alignment. */
    private static String shown(String table) {
        if (table.startsWith("ERROR")) {
            return stable(table);
        }
        return stable(String.join(
                "\n",
                table.lines()
                        .map(line -> String.join(
                                " | ",
                                Arrays.stream(line.split("\\|", -1))
                                        .map(String::strip)
                                        .toList()))
                        .toList()));
    }

    /** Times are another time's, and seconds pass while the page is read. */
    private static String stable(String table) {
        String timeless = TIME.matcher(table).replaceAll("<time>");
        return SECONDS.matcher(timeless).replaceAll("$1<seconds>");
    }

    private static List<Step> guide() {
        try {
            var steps = new ArrayList<Step>();
            var blocks = BLOCK.matcher(Files.readString(Path.of("../docs/how-to/stuck-entries.md")));
            while (blocks.find()) {
                String printed = blocks.group(2);
                steps.add(new Step(blocks.group(1), printed == null ? "" : printed));
            }
            return steps;
        } catch (IOException e) {
            throw new IllegalStateException("the page is not there", e);
        }
    }
}
