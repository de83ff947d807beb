package dev.dualwrite.outbox.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Who the relays are, which sinks they carry, and who holds which lane. All times are the database's. Thread-safe; every
 * method blocks on the database, in a transaction of its own.
 */
public final class MemberStore {

    /** Relays times sinks; more than anybody runs. It bounds the statement. */
    private static final int MAX_MEMBER_ROWS = 10_000;

    /** Sinks times shards; the same. */
    private static final int MAX_LANES = 65_536;

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public MemberStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * The same, with statements that wait at most so long for a lock that somebody else has: then they fail with SQLSTATE 55P03.
     *
     * @param lockTimeout at least 1 ms
     */
    public MemberStore(DataSource dataSource, String schema, Duration lockTimeout) {
        this.sql = new Statements(dataSource, lockTimeout);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * A relay start that says of itself that it lives.
     *
     * @param host host name and process id, for a person
     * @param aliveFor how long a heartbeat counts
     * @param fairShare how many lanes it should hold
     */
    public record Beat(UUID relay, String host, Duration aliveFor, int fairShare) {}

    /**
     * What a relay says of one of its sinks.
     *
     * @param trippedReason why its breaker is open; absent if it is closed
     * @param trippedFor how long it has been open
     */
    public record CarriedSink(short sinkId, @Nullable String trippedReason, Duration trippedFor) {}

    /**
     * A relay that is alive.
     *
     * @param relay the id of its start, as its locks carry it
     */
    public record Member(String relay, Set<Short> sinkIds) {

        public Member {
            sinkIds = Set.copyOf(sinkIds);
        }
    }

    /**
     * A lane, and whose live lock is on it.
     *
     * @param holder the name in the lock; absent if the lane is free
     * @param left until the lock runs out if nobody renews it
     */
    public record LockedLane(Lane lane, @Nullable String holder, Duration left) {}

    /**
     * What one look shows, all of one moment.
     *
     * @param members those alive, the one that started first at the front
     * @param lanes every lane of the sinks that were asked for, by sink and shard
     */
    public record Sight(List<Member> members, List<LockedLane> lanes) {}

    /** Writes that a relay lives, and what it says of its sinks; removes some relays that are gone for an hour. */
    public void beat(Beat beat, Collection<CarriedSink> carried) {
        List<CarriedSink> sinks = List.copyOf(carried);
        sql.run("writing the heartbeat of relay " + beat.relay(), statements.beat, upsert -> {
            Connection connection = upsert.getConnection();
            upsert.setObject(1, beat.relay());
            upsert.setObject(2, beat.relay());
            upsert.setString(3, beat.host());
            upsert.setLong(4, beat.aliveFor().toMillis());
            upsert.setInt(5, beat.fairShare());
            upsert.setArray(6, Statements.array(connection, "int2", sinks, CarriedSink::sinkId));
            upsert.setArray(7, Statements.array(connection, "text", sinks, CarriedSink::trippedReason));
            upsert.setArray(
                    8,
                    Statements.array(
                            connection,
                            "int8",
                            sinks,
                            s -> s.trippedReason() == null
                                    ? null
                                    : s.trippedFor().toMillis()));
            return upsert.executeUpdate();
        });
    }

    /** Everybody who lives, and the lanes of these sinks. */
    public Sight look(Collection<Short> sinkIds) {
        return sql.run("looking for members and lanes", statements.look, select -> {
            select.setInt(1, MAX_MEMBER_ROWS);
            select.setArray(2, select.getConnection().createArrayOf("int2", sinkIds.toArray(Short[]::new)));
            select.setInt(3, MAX_LANES);
            Map<String, Set<Short>> members = new LinkedHashMap<>();
            var lanes = new ArrayList<LockedLane>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (row.getString("lock_name") == null) {
                        members.computeIfAbsent(row.getString("relay"), r -> new HashSet<>())
                                .add(row.getShort("sink_id"));
                    } else {
                        lanes.add(lane(row));
                    }
                }
            }
            return new Sight(
                    members.entrySet().stream()
                            .map(m -> new Member(m.getKey(), m.getValue()))
                            .toList(),
                    lanes);
        });
    }

    private static LockedLane lane(ResultSet row) throws SQLException {
        return new LockedLane(
                new Lane(row.getShort("sink_id"), row.getInt("shard"), row.getString("lock_name")),
                row.getString("relay"),
                Duration.ofMillis(row.getLong("left_ms")));
    }
}
