package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a person sees and does, by the views and functions of the schema and by nothing else. Thread-safe; every method blocks on
 * the database, in a transaction of its own.
 */
public final class OperatorStore {

    /** Views are made to answer within a tenth of a second: who waits for longer looks at a database that is in trouble. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

    private final Statements sql;
    private final OperatorStatements statements;

    /** A store on connections in autocommit mode. */
    public OperatorStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new OperatorStatements(schema);
    }

    /**
     * How everything stands: every sink with its backlog, every relay.
     *
     * @throws OutboxStoreException if the database cannot be asked, or does not answer within ten seconds
     */
    public Overview overview() {
        List<KnownRelay> relays = sql.run("looking at the relays", statements.relays, OperatorStore::relays);
        return sql.run("looking at the sinks", statements.sinks, select -> {
            select.setQueryTimeout((int) LONGEST_LOOK.toSeconds());
            var sinks = new ArrayList<SinkOverview>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    sinks.add(sink(row));
                }
            }
            return new Overview(sinks, relays);
        });
    }

    private static SinkOverview sink(ResultSet row) throws SQLException {
        return new SinkOverview(
                row.getString("sink"),
                row.getString("state"),
                row.getString("reason"),
                instantOrNull(row, "since"),
                row.getString("paused_by"),
                row.getInt("relays"),
                row.getInt("tripped_relays"),
                backlog(row),
                row.getInt("lanes"),
                row.getInt("unheld"));
    }

    private static Backlog backlog(ResultSet row) throws SQLException {
        return new Backlog(
                row.getLong("entries"),
                row.getBoolean("estimated"),
                instantOrNull(row, "oldest_appended_at"),
                Duration.ofMillis(
                        row.getBigDecimal("lag_seconds").movePointRight(3).longValue()),
                row.getLong("dead"),
                row.getLong("blocked"),
                row.getLong("backing_off"));
    }

    private static List<KnownRelay> relays(PreparedStatement select) throws SQLException {
        select.setQueryTimeout((int) LONGEST_LOOK.toSeconds());
        var relays = new ArrayList<KnownRelay>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                relays.add(new KnownRelay(
                        row.getObject("relay", UUID.class),
                        row.getString("host"),
                        instant(row, "started_at"),
                        instant(row, "heartbeat_at"),
                        row.getBoolean("alive"),
                        List.of((String[]) row.getArray("sinks").getArray()),
                        row.getInt("shards_held"),
                        row.getInt("fair_share")));
            }
        }
        return relays;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
