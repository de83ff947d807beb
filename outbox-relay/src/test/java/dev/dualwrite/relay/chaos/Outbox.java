package dev.dualwrite.relay.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a person would look at in the outbox. */
final class Outbox {

    private Outbox() {}

    static boolean isEmpty(Store primary) throws SQLException {
        return rows(
                        primary,
                        "SELECT (SELECT count(*) FROM dualwrite.outbox_entry)"
                                + " + (SELECT count(*) FROM dualwrite.held_entry)")
                .equals(List.of("0"));
    }

    /** The rows of the view, and what lies in the hot table that the view does not call stuck yet. */
    static List<String> stuck(Store primary) throws SQLException {
        List<String> rows = rows(primary, "SELECT to_jsonb(e) FROM dualwrite.stuck_entries e LIMIT 50");
        rows.addAll(rows(
                primary,
                "SELECT 'hot: shard ' || shard || ', ' || count(*) || ' entries from ' || min(sequence) || ' to '"
                        + " || max(sequence) FROM dualwrite.outbox_entry GROUP BY shard"));
        rows.addAll(rows(primary, "SELECT to_jsonb(l) FROM dualwrite.lane l"));
        return rows;
    }

    /** How old the oldest entry is that was not tried yet. */
    static long lagMillis(Store primary) throws SQLException {
        return Long.parseLong(rows(
                        primary,
                        "SELECT coalesce(1000 * extract(epoch FROM clock_timestamp() - min(appended_at)), 0)::bigint"
                                + " FROM dualwrite.outbox_entry")
                .get(0));
    }

    static List<String> rows(Store store, String query) throws SQLException {
        try (Connection connection = store.connect()) {
            return rows(connection, query);
        }
    }

    static List<String> rows(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            var rows = new ArrayList<String>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        }
    }
}
