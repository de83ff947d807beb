package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.jdbc.Overview.Backlog;
import dev.dualwrite.outbox.jdbc.Overview.KnownRelay;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of the views as records. */
final class OperatorRows {

    /** Views are made to answer within a tenth of a second: who waits for longer looks at a database that is in trouble. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

    private OperatorRows() {}

    /** One row. */
    @FunctionalInterface
    interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    static <T> List<T> all(PreparedStatement select, Mapper<T> mapper) throws SQLException {
        return all(select, LONGEST_LOOK, mapper);
    }

    static <T> List<T> all(PreparedStatement select, Duration longest, Mapper<T> mapper) throws SQLException {
        select.setQueryTimeout((int) longest.toSeconds());
        var rows = new ArrayList<T>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(mapper.map(row));
            }
        }
        return rows;
    }

    static SinkOverview sink(ResultSet row) throws SQLException {
        return new SinkOverview(
                row.getString("sink"),
                row.getString("state"),
                row.getString("reason"),
                instantOrNull(row, "since"),
                row.getString("paused_by"),
                row.getInt("relays"),
                row.getInt("tripped_relays"),
                new Backlog(
                        row.getLong("entries"),
                        row.getBoolean("estimated"),
                        instantOrNull(row, "oldest_appended_at"),
                        seconds(row, "lag_seconds"),
                        row.getLong("dead"),
                        row.getLong("blocked"),
                        row.getLong("backing_off")),
                row.getInt("lanes"),
                row.getInt("unheld"));
    }

    static KnownRelay relay(ResultSet row) throws SQLException {
        return new KnownRelay(
                row.getObject("relay", UUID.class),
                row.getString("host"),
                instant(row, "started_at"),
                instant(row, "heartbeat_at"),
                row.getBoolean("alive"),
                List.of((String[]) row.getArray("sinks").getArray()),
                row.getInt("shards_held"),
                row.getInt("fair_share"));
    }

    static LaneOverview lane(ResultSet row) throws SQLException {
        return new LaneOverview(
                row.getString("sink"),
                row.getInt("shard"),
                row.getObject("holder", UUID.class),
                row.getBoolean("holder_alive"),
                row.getLong("fencing_token"),
                instantOrNull(row, "leased_until"),
                seconds(row, "lag_seconds"));
    }

    static StuckEntry stuck(ResultSet row) throws SQLException {
        return new StuckEntry(
                row.getLong("entry_id"),
                row.getString("sink"),
                row.getString("aggregate_type"),
                row.getString("aggregate_id"),
                row.getString("state"),
                row.getInt("attempts"),
                instantOrNull(row, "first_failed_at"),
                instantOrNull(row, "next_attempt_at"),
                row.getString("error_class"),
                row.getString("error_message"),
                seconds(row, "age_seconds"),
                row.getObject("blocked_by", Long.class),
                row.getString("next_step"));
    }

    static AuditRecord audit(ResultSet row) throws SQLException {
        return new AuditRecord(
                row.getLong("audit_id"),
                instant(row, "at"),
                row.getString("actor"),
                row.getString("action"),
                row.getString("subject"),
                row.getString("reason"),
                row.getString("detail"));
    }

    private static Duration seconds(ResultSet row, String column) throws SQLException {
        return Duration.ofMillis(row.getBigDecimal(column).movePointRight(3).longValue());
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
