package dev.dualwrite.outbox.jdbc;

/**
 * Every statement of the outbox on the primary, whole. The schema's name, checked, is the one thing put in.
 *
 * <p>Arrays instead of row lists: one statement text whatever the number of rows, so it is planned once. Only the insert has
 * another one for a single row.
 */
final class PostgresStatements {

    /** For the rest of the transaction: what it has locked must not stay locked while its process is paused or cut off. */
    static final String LIMIT_IDLENESS = """
            SELECT set_config('idle_in_transaction_session_timeout', ?, true)
            """;

    /** The same, in one round trip with how long it waits for locks itself. */
    static final String LIMIT_IDLENESS_AND_LOCK_WAITS = """
            SELECT set_config('idle_in_transaction_session_timeout', ?, true), set_config('lock_timeout', ?, true)
            """;

    final String insertEntry;
    final String insertEntries;
    final String lockAggregates;
    final String selectControl;
    final String storeStuckAfter;
    final String registerSink;
    final String poll;
    final String assignTransactionId;
    final String claim;
    final String settle;
    final String settleAndHold;
    final String promoteHeads;
    final String promoteAllHeads;
    final String storeFloors;
    final String look;
    final String beat;
    final String leave;
    final String takeLane;
    final String renewLeases;
    final String releaseLeases;
    final String settledOnce;
    final String heldLanes;
    final String heldAggregates;
    final String dueEntries;
    final String settleHeld;
    final String beginAttempt;
    final String endAttempt;
    final String observePrimary;
    final String pausedSinks;
    final String notifyRelays;
    final String listenForNotify;
    final String strayPartitions;
    final String followPartition;
    final String uncapturedTables;
    final String drawVersions;
    final String capturedTables;
    final String purgeAudit;
    final String purgeDiscarded;

    PostgresStatements(String schema) {
        String name = Schema.checkName(schema);
        this.insertEntry = in(name, INSERT_ENTRY);
        this.insertEntries = in(name, INSERT_ENTRIES);
        this.lockAggregates = in(name, LOCK_AGGREGATES);
        this.selectControl = in(name, SELECT_CONTROL);
        this.storeStuckAfter = in(name, STORE_STUCK_AFTER);
        this.registerSink = in(name, REGISTER_SINK);
        this.poll = in(name, POLL);
        this.assignTransactionId = ASSIGN_TRANSACTION_ID;
        this.claim = in(name, CLAIM);
        this.settle = in(name, SETTLE);
        this.settleAndHold = in(name, SETTLE_AND_HOLD);
        this.promoteHeads = in(name, PROMOTE_HEADS);
        this.promoteAllHeads = in(name, PROMOTE_ALL_HEADS);
        this.storeFloors = in(name, STORE_FLOORS);
        this.look = in(name, LOOK);
        this.beat = in(name, BEAT);
        this.leave = onChannel(name, in(name, LEAVE));
        this.takeLane = in(name, TAKE_LANE);
        this.renewLeases = in(name, RENEW_LEASES);
        this.releaseLeases = onChannel(name, in(name, RELEASE_LEASES));
        this.settledOnce = in(name, SETTLED_ONCE);
        this.heldLanes = in(name, HELD_LANES);
        this.heldAggregates = in(name, HELD_AGGREGATES);
        this.dueEntries = in(name, DUE_ENTRIES);
        this.settleHeld = in(name, SETTLE_HELD);
        this.beginAttempt = in(name, BEGIN_ATTEMPT);
        this.endAttempt = in(name, END_ATTEMPT);
        this.observePrimary = in(name, OBSERVE_PRIMARY);
        this.pausedSinks = in(name, PAUSED_SINKS);
        this.notifyRelays = onChannel(name, NOTIFY_RELAYS);
        this.listenForNotify = onChannel(name, LISTEN_FOR_NOTIFY);
        this.strayPartitions = in(name, STRAY_PARTITIONS);
        this.followPartition = in(name, FOLLOW_PARTITION);
        this.uncapturedTables = in(name, UNCAPTURED_TABLES);
        this.drawVersions = in(name, DRAW_VERSIONS);
        this.capturedTables = in(name, CAPTURED_TABLES);
        this.purgeAudit = in(name, PURGE_AUDIT);
        this.purgeDiscarded = in(name, PURGE_DISCARDED);
    }

    private static String in(String schema, String statement) {
        return statement.replace("dualwrite.", schema + ".");
    }

    /** A channel's name cannot be bound; one that is too long is cut off, as in the functions of the schema. */
    private static String onChannel(String schema, String statement) {
        String channel = "dualwrite_" + schema;
        return statement.replace(
                "dualwrite_schema", channel.substring(0, Math.min(channel.length(), MAX_IDENTIFIER_LENGTH)));
    }

    private static final int MAX_IDENTIFIER_LENGTH = 63;

    // Without a payload: notifications that are alike and of one transaction are one.
    private static final String NOTIFY_RELAYS = """
            NOTIFY dualwrite_schema
            """;

    private static final String LISTEN_FOR_NOTIFY = """
            LISTEN dualwrite_schema
            """;

    private static final String STRAY_PARTITIONS = """
            SELECT capture_id, source, sink, member, member_name, happened
            FROM dualwrite.stray_partitions()
            """;

    private static final String FOLLOW_PARTITION = """
            SELECT referred, busy, problem
            FROM dualwrite.try_follow_partition(CAST(CAST(? AS bigint) AS oid), ?, ?, ?)
            """;

    private static final String UNCAPTURED_TABLES = """
            SELECT source, sink, member, problem
            FROM dualwrite.uncaptured_tables()
            """;

    // Most transactions append one entry. For the one below, the server makes a table of each of the nine arrays, joins
    // them and sorts: some 60 microseconds of its CPU time, however few rows there are.
    private static final String INSERT_ENTRY = """
            INSERT INTO dualwrite.outbox_entry
                   (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload_type, headers, payload)
            VALUES (?::smallint, ?::smallint, ?::smallint, ?::text::"char", ?::text, ?::text, ?::text, ?::text, ?::bytea)
            """;

    // The numbers are drawn by the column's default, above the sorted subquery, so in the order of the arrays. In the
    // table xid comes before sequence, so the transaction id is assigned before the first number is drawn.
    private static final String INSERT_ENTRIES = """
            INSERT INTO dualwrite.outbox_entry
                   (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload_type, headers, payload)
            SELECT n.sink_id, n.shard, n.schema_version, n.operation::"char",
                   n.aggregate_type, n.aggregate_id, n.payload_type, n.headers, n.payload
            FROM unnest(?::smallint[], ?::smallint[], ?::smallint[], ?::text[],
                        ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[])
                 WITH ORDINALITY AS n (sink_id, shard, schema_version, operation,
                                       aggregate_type, aggregate_id, payload_type, headers, payload, position)
            ORDER BY n.position
            """;

    // Sorted, so that two transactions that append to the same aggregates cannot wait for each other in a circle.
    // The schema's name is part of the key: advisory locks belong to the database, not to a schema.
    private static final String LOCK_AGGREGATES = """
            SELECT pg_advisory_xact_lock(k.key)
            FROM (SELECT DISTINCT hashtextextended('dualwrite.' || aggregate, 0) AS key
                  FROM unnest(?::text[]) AS aggregate
                  ORDER BY 1) AS k
            """;

    private static final String SELECT_CONTROL = """
            SELECT schema_version, shard_count
            FROM dualwrite.control
            """;

    private static final String STORE_STUCK_AFTER = """
            UPDATE dualwrite.control
            SET stuck_after = make_interval(secs => ? / 1000.0)
            WHERE stuck_after <> make_interval(secs => ? / 1000.0)
            """;

    private static final String REGISTER_SINK = """
            SELECT dualwrite.register_sink(?)
            """;

    private static final String POLL = """
            SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END AS last_sequence,
                   c.version,
                   h.version AS hand_overs,
                   c.epoch,
                   clock_timestamp() AS now,
                   c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity()) AS same_primary,
                   pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax,
                   ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(pg_current_snapshot()) AS x) AS running
            FROM dualwrite.entry_sequence s
            CROSS JOIN dualwrite.control c
            CROSS JOIN dualwrite.hand_over h
            """;

    private static final String OBSERVE_PRIMARY = """
            SELECT dualwrite.observe_primary(?, ?)
            """;

    private static final String PAUSED_SINKS = """
            SELECT sink_id, paused_by, paused_reason
            FROM dualwrite.sink
            WHERE sink_id = ANY(?::smallint[]) AND paused_at IS NOT NULL
            """;

    // The epoch and the number come from one statement of one server, so versions rise in the order in which they are
    // drawn,
    // also across a failover. A transaction that only calls nextval is not flushed at its commit, unless the sequence
    // happened to write its log: after a crash of the server the same numbers would be drawn again, for newer states
    // that
    // then lose. The message is what makes the commit wait for the disk; nobody reads it.
    private static final String DRAW_VERSIONS = """
            WITH flushed AS MATERIALIZED (
                SELECT pg_logical_emit_message(true, 'dualwrite', '') IS NOT NULL
                       AND set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                                                            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)
                           IS NOT NULL AS at_commit
            )
            SELECT c.epoch,
                   c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity()) AS same_primary,
                   nextval('dualwrite.entry_sequence') AS number
            FROM flushed
            CROSS JOIN dualwrite.control c
            CROSS JOIN generate_series(1, ?)
            WHERE flushed.at_commit
            """;

    // One table may be captured for several sinks; a type of several tables is the reader's to refuse.
    private static final String CAPTURED_TABLES = """
            SELECT DISTINCT n.nspname, c.relname, t.key_columns
            FROM dualwrite.captured_table t
            JOIN pg_class c ON c.oid = t.source
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE t.aggregate_type = ?
            ORDER BY 1, 2, 3
            LIMIT 10
            """;

    // Days, where there are only days: the interval is written down as it is given.
    private static final String PURGE_AUDIT = """
            SELECT dualwrite.purge_audit(justify_hours(make_interval(secs => ?::bigint)), ?)
            """;

    private static final String PURGE_DISCARDED = """
            SELECT dualwrite.purge_discarded(justify_hours(make_interval(secs => ?::bigint)), ?)
            """;

    private static final String ASSIGN_TRANSACTION_ID = """
            SELECT pg_current_xact_id()::text::bigint
            """;

    // LATERAL per lane: each lane is one short range of the primary key. (shard = ANY(…) ORDER BY sequence would read
    // the whole backlog and sort it.) The byte limit always lets the first entry through. LIMIT 1 instead of EXISTS: an
    // EXISTS may be planned as a hash over every held entry there is. The epoch is stamped here, so whether it still is
    // that of this primary must be asked here, too: between the poll and the claim there may have been a failover.
    // A sum of four-byte integers is a bigint; of eight-byte ones it is a numeric, and costs a tenth of the claim. The
    // ranges come out in order, though nobody promises that for the whole: a sort here would cost another tenth, so
    // the reader looks whether they are.
    private static final String CLAIM = """
            SELECT l.position,
                   (SELECT c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity())
                    FROM dualwrite.control c) AS same_primary,
                   (SELECT c.epoch FROM dualwrite.control c) * 281474976710656 + e.sequence AS version,
                   e.shard, e.appended_at, e.schema_version, e.operation, e.aggregate_type, e.aggregate_id,
                   e.payload_type, e.headers, e.payload,
                   l.check_held AND (SELECT true
                                     FROM dualwrite.held_entry h
                                     WHERE h.sink_id = l.sink_id
                                       AND h.shard = l.shard
                                       AND h.aggregate_type = e.aggregate_type
                                       AND h.aggregate_id = e.aggregate_id
                                     LIMIT 1) IS NOT NULL AS blocked
            FROM unnest(?::smallint[], ?::smallint[], ?::bigint[], ?::boolean[])
                 WITH ORDINALITY AS l (sink_id, shard, floor, check_held, position)
            CROSS JOIN LATERAL (
                SELECT o.*,
                       sum(coalesce(octet_length(o.payload), 0))
                           OVER (ORDER BY o.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
                           - coalesce(octet_length(o.payload), 0) AS bytes_before
                FROM dualwrite.outbox_entry o
                WHERE o.sink_id = l.sink_id
                  AND o.shard = l.shard
                  AND o.sequence > l.floor
                ORDER BY o.sequence
                LIMIT ?
            ) e
            WHERE e.bytes_before < ?
            """;

    // FOR SHARE, in a materialised CTE that the delete depends on: a plain EXISTS lets a zombie that waits here delete
    // after the token has changed. The transaction id is assigned after the claim: the floor needs one (see Floor).
    private static final String SETTLE = """
            WITH holder AS MATERIALIZED (
                SELECT 1
                FROM dualwrite.lane
                WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?
                  -- after a failover the same number can be another entry: until the epoch is raised nobody settles
                  AND (SELECT c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity())
                       FROM dualwrite.control c)
                FOR SHARE
            ), settled AS (
                DELETE FROM dualwrite.outbox_entry e
                WHERE e.sink_id = ? AND e.shard = ? AND e.sequence = ANY(?::bigint[])
                  AND EXISTS (SELECT 1 FROM holder)
            )
            SELECT count(*) AS rights, pg_current_xact_id()::text::bigint AS xid
            FROM holder
            """;

    private static final String SETTLE_AND_HOLD = """
            WITH holder AS MATERIALIZED (
                SELECT 1
                FROM dualwrite.lane
                WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?
                  -- after a failover the same number can be another entry: until the epoch is raised nobody settles
                  AND (SELECT c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity())
                       FROM dualwrite.control c)
                FOR SHARE
            ), settled AS (
                DELETE FROM dualwrite.outbox_entry e
                WHERE e.sink_id = ? AND e.shard = ? AND e.sequence = ANY(?::bigint[])
                  AND EXISTS (SELECT 1 FROM holder)
            ), moved AS (
                -- By an array too: a join with the failures may be planned as a scan of the whole lane.
                DELETE FROM dualwrite.outbox_entry e
                WHERE e.sink_id = ? AND e.shard = ? AND e.sequence = ANY(?::bigint[])
                  AND EXISTS (SELECT 1 FROM holder)
                RETURNING e.*
            ), held AS (
                INSERT INTO dualwrite.held_entry
                       (version, appended_at, first_failed_at, next_attempt_at, attempts, sink_id, shard, schema_version,
                        operation, state, aggregate_type, aggregate_id, payload_type, headers, payload,
                        error_class, error_message, suspect)
                SELECT f.version, m.appended_at,
                       CASE WHEN f.state <> 'blocked' THEN now() END,
                       CASE WHEN f.state = 'backing_off' THEN now() + make_interval(secs => f.delay_ms / 1000.0) END,
                       f.attempts, m.sink_id, m.shard, m.schema_version,
                       m.operation, f.state, m.aggregate_type, m.aggregate_id, m.payload_type, m.headers, m.payload,
                       f.error_class, f.error_message, ?
                FROM moved m
                JOIN unnest(?::bigint[], ?::text[], ?::integer[], ?::bigint[], ?::text[], ?::text[])
                     AS f (version, state, attempts, delay_ms, error_class, error_message)
                  ON m.sequence = f.version & 281474976710655
            )
            SELECT count(*) AS rights, pg_current_xact_id()::text::bigint AS xid
            FROM holder
            """;

    // The first held entry of an aggregate must be backing off or dead: else nobody would ever try it again. Behind a
    // dead
    // one, where entries are full state, the newest is tried: its success makes the others superseded.
    private static final String PROMOTE_HEADS = """
            WITH target AS MATERIALIZED (
                SELECT h.version, h.is_next
                FROM unnest(?::text[], ?::text[]) AS a (aggregate_type, aggregate_id)
                CROSS JOIN LATERAL (
                    SELECT f.version, f.state
                    FROM dualwrite.held_entry f
                    WHERE f.sink_id = ? AND f.shard = ?
                      AND f.aggregate_type = a.aggregate_type AND f.aggregate_id = a.aggregate_id
                    ORDER BY f.version
                    LIMIT 1
                ) first
                CROSS JOIN LATERAL (
                    SELECT n.version
                    FROM dualwrite.held_entry n
                    WHERE n.sink_id = ? AND n.shard = ?
                      AND n.aggregate_type = a.aggregate_type AND n.aggregate_id = a.aggregate_id
                      AND CASE WHEN first.state IN ('blocked', 'backing_off') THEN n.version = first.version
                               WHEN first.state = 'dead' THEN ? AND n.state <> 'dead'
                               ELSE false
                          END
                    ORDER BY n.version DESC
                    LIMIT 1
                ) next
                CROSS JOIN LATERAL (
                    SELECT k.version, k.version = next.version AS is_next
                    FROM dualwrite.held_entry k
                    WHERE k.sink_id = ? AND k.shard = ?
                      AND k.aggregate_type = a.aggregate_type AND k.aggregate_id = a.aggregate_id
                      AND (k.version = next.version AND k.state = 'blocked'
                           -- one that was tried before the newest came, or before a person requeued the first, waits
                           OR k.version <> next.version AND k.state = 'backing_off')
                    -- what a person's open act has locked is found again when that ends
                    FOR NO KEY UPDATE SKIP LOCKED
                ) h
            )
            UPDATE dualwrite.held_entry h
            SET state = CASE WHEN t.is_next THEN 'backing_off' ELSE 'blocked' END,
                next_attempt_at = CASE WHEN t.is_next THEN now() END
            FROM target t
            -- the array makes it a look into the primary key, whatever the planner thinks of the number of targets
            WHERE h.version = t.version AND h.version = ANY(ARRAY(SELECT v.version FROM target v))
            """;

    private static final String PROMOTE_ALL_HEADS = """
            WITH first AS MATERIALIZED (
                SELECT DISTINCT ON (f.aggregate_type, f.aggregate_id)
                       f.aggregate_type, f.aggregate_id, f.version, f.state
                FROM dualwrite.held_entry f
                WHERE f.sink_id = ? AND f.shard = ?
                ORDER BY f.aggregate_type, f.aggregate_id, f.version
            ), next AS MATERIALIZED (
                -- by itself: joined with what is below, it may be looked up for each held entry instead of each aggregate
                SELECT f.aggregate_type, f.aggregate_id, n.version
                FROM first f
                CROSS JOIN LATERAL (
                    SELECT e.version
                    FROM dualwrite.held_entry e
                    WHERE e.sink_id = ? AND e.shard = ?
                      AND e.aggregate_type = f.aggregate_type AND e.aggregate_id = f.aggregate_id
                      AND CASE WHEN f.state IN ('blocked', 'backing_off') THEN e.version = f.version
                               WHEN f.state = 'dead' THEN ? AND e.state <> 'dead'
                               ELSE false
                          END
                    ORDER BY e.version DESC
                    LIMIT 1
                ) n
            ), target AS MATERIALIZED (
                SELECT h.version, h.version = next.version AS is_next
                FROM next
                JOIN dualwrite.held_entry h
                  ON h.sink_id = ? AND h.shard = ?
                 AND h.aggregate_type = next.aggregate_type AND h.aggregate_id = next.aggregate_id
                 AND (h.version = next.version AND h.state = 'blocked'
                      OR h.version <> next.version AND h.state = 'backing_off')
                FOR NO KEY UPDATE OF h SKIP LOCKED
            )
            UPDATE dualwrite.held_entry h
            SET state = CASE WHEN t.is_next THEN 'backing_off' ELSE 'blocked' END,
                next_attempt_at = CASE WHEN t.is_next THEN now() END
            FROM target t
            WHERE h.version = t.version
              AND EXISTS (SELECT 1
                          FROM dualwrite.lane
                          WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?)
            """;

    private static final String STORE_FLOORS = """
            UPDATE dualwrite.lane l
            SET floor = f.floor
            FROM unnest(?::smallint[], ?::smallint[], ?::bigint[], ?::bigint[])
                 AS f (sink_id, shard, fencing_token, floor)
            WHERE l.sink_id = f.sink_id AND l.shard = f.shard
              AND l.fencing_token = f.fencing_token AND l.holder = ?
            """;

    // Two kinds of rows in one round trip, so that both are of one moment: who lives and carries what (shard is
    // absent),
    // and every lane of these sinks with its live lock.
    private static final String LOOK = """
            (SELECT r.started_at, c.sink_id, NULL::smallint AS shard, NULL::text AS lock_name,
                    r.relay_id::text AS relay, NULL::bigint AS left_ms
             FROM dualwrite.relay r
             JOIN dualwrite.relay_sink c ON c.relay_id = r.relay_id
             WHERE r.heartbeat_at + r.alive_for > now()
             ORDER BY r.started_at, r.relay_id, c.sink_id
             LIMIT ?)
            UNION ALL
            (SELECT NULL, l.sink_id, l.shard, s.name || '/' || l.shard AS lock_name,
                    k.locked_by AS relay,
                    ceil(extract(epoch FROM k.lock_until - timezone('utc', CURRENT_TIMESTAMP)) * 1000)::bigint AS left_ms
             FROM dualwrite.lane l
             JOIN dualwrite.sink s ON s.sink_id = l.sink_id
             LEFT JOIN dualwrite.shedlock k ON k.name = s.name || '/' || l.shard
                                           AND k.lock_until > timezone('utc', CURRENT_TIMESTAMP)
             WHERE l.sink_id = ANY(?::smallint[])
             ORDER BY l.sink_id, l.shard
             LIMIT ?)
            ORDER BY started_at, sink_id, shard, relay
            """;

    // An upsert: a row that was removed during a long pause comes back. The sinks depend on it, for the foreign key.
    // Rows of relays that are gone for an hour go with somebody's heartbeat; a hundred a time, and none that another
    // one removes already.
    private static final String BEAT = """
            WITH gone AS (
                DELETE FROM dualwrite.relay r
                WHERE r.relay_id IN (SELECT g.relay_id
                                     FROM dualwrite.relay g
                                     WHERE g.heartbeat_at + g.alive_for < now() - interval '1 hour'
                                       AND g.relay_id <> ?
                                     LIMIT 100
                                     FOR UPDATE SKIP LOCKED)
            ), alive AS (
                INSERT INTO dualwrite.relay AS r (relay_id, host, alive_for, fair_share)
                VALUES (?, ?, make_interval(secs => ? / 1000.0), ?)
                ON CONFLICT (relay_id) DO UPDATE
                SET heartbeat_at = now(), fair_share = excluded.fair_share
                RETURNING r.relay_id
            )
            INSERT INTO dualwrite.relay_sink AS c (relay_id, sink_id, tripped_reason, tripped_at)
            SELECT a.relay_id, b.sink_id, b.reason, now() - make_interval(secs => b.age_ms / 1000.0)
            FROM alive a
            CROSS JOIN unnest(?::smallint[], ?::text[], ?::bigint[]) AS b (sink_id, reason, age_ms)
            ON CONFLICT (relay_id, sink_id) DO UPDATE
            SET tripped_reason = excluded.tripped_reason, tripped_at = excluded.tripped_at
            WHERE c.tripped_reason IS DISTINCT FROM excluded.tripped_reason
               -- Opened anew in between. A second is the play between the clocks that measure the same opening.
               OR abs(extract(epoch FROM c.tripped_at - excluded.tripped_at)) > 1
            """;

    // The token rises only while this holder's own lock is alive: FOR SHARE keeps it from being taken over meanwhile.
    // A floor above the sequence means that the primary was restored to an earlier state: start from the beginning.
    private static final String TAKE_LANE = """
            WITH lock AS MATERIALIZED (
                SELECT 1
                FROM dualwrite.shedlock
                WHERE name = ? AND locked_by = ? AND lock_until > timezone('utc', CURRENT_TIMESTAMP)
                FOR SHARE
            )
            UPDATE dualwrite.lane l
            SET fencing_token = l.fencing_token + 1,
                holder = ?,
                unclean_takeovers = CASE WHEN l.holder IS NULL THEN l.unclean_takeovers
                                         ELSE l.unclean_takeovers + 1
                                    END,
                floor = CASE WHEN l.floor > (SELECT s.last_value FROM dualwrite.entry_sequence s) THEN 0
                             ELSE l.floor
                        END
            WHERE l.sink_id = ? AND l.shard = ? AND EXISTS (SELECT 1 FROM lock)
            RETURNING l.fencing_token, l.floor, l.unclean_takeovers
            """;

    // ShedLock's own extend, for many locks at once. A row that a person's session has locked is passed over: waiting
    // for
    // it would cost every other lane its lease too.
    private static final String RENEW_LEASES = """
            WITH mine AS MATERIALIZED (
                SELECT name
                FROM dualwrite.shedlock
                WHERE name = ANY(?::text[]) AND locked_by = ? AND lock_until > timezone('utc', CURRENT_TIMESTAMP)
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE dualwrite.shedlock l
            SET lock_until = timezone('utc', CURRENT_TIMESTAMP) + make_interval(secs => ? / 1000.0)
            FROM mine
            WHERE l.name = mine.name
            RETURNING l.name
            """;

    // Only locks that are this holder's own to this moment count as given back in order: where one ran out before, the
    // holder's name stays in the lane, and the next one counts an unclean takeover.
    private static final String RELEASE_LEASES = """
            WITH unlocked AS (
                UPDATE dualwrite.shedlock
                SET lock_until = timezone('utc', CURRENT_TIMESTAMP)
                WHERE name = ANY(?::text[]) AND locked_by = ? AND lock_until > timezone('utc', CURRENT_TIMESTAMP)
                RETURNING name
            ), freed AS (
                UPDATE dualwrite.lane l
                SET holder = NULL
                FROM dualwrite.sink s, unlocked u
                WHERE s.sink_id = l.sink_id AND u.name = s.name || '/' || l.shard AND l.holder = ?
            ), told AS (
                UPDATE dualwrite.hand_over
                SET version = version + 1
                WHERE EXISTS (SELECT 1 FROM unlocked)
            )
            SELECT count(*), pg_notify('dualwrite_schema', '')
            FROM unlocked
            """;

    // One transaction with the release: no relay sees a member without lanes that is about to take some.
    private static final String LEAVE = """
            WITH unlocked AS (
                UPDATE dualwrite.shedlock
                SET lock_until = timezone('utc', CURRENT_TIMESTAMP)
                WHERE name = ANY(?::text[]) AND locked_by = ? AND lock_until > timezone('utc', CURRENT_TIMESTAMP)
                RETURNING name
            ), freed AS (
                UPDATE dualwrite.lane l
                SET holder = NULL
                FROM dualwrite.sink s, unlocked u
                WHERE s.sink_id = l.sink_id AND u.name = s.name || '/' || l.shard AND l.holder = ?
            ), told AS (
                UPDATE dualwrite.hand_over
                SET version = version + 1
                WHERE EXISTS (SELECT 1 FROM unlocked)
            ), gone AS (
                DELETE FROM dualwrite.relay
                WHERE relay_id = ?
            )
            SELECT count(*), pg_notify('dualwrite_schema', '')
            FROM unlocked
            """;

    private static final String SETTLED_ONCE = """
            UPDATE dualwrite.lane
            SET unclean_takeovers = 0
            WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?
            """;

    private static final String HELD_LANES = """
            SELECT l.position,
                   EXISTS (SELECT 1
                           FROM dualwrite.held_entry h
                           WHERE h.sink_id = l.sink_id AND h.shard = l.shard) AS held,
                   (SELECT extract(epoch FROM min(h.next_attempt_at) - now()) * 1000
                    FROM dualwrite.held_entry h
                    WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'backing_off')::bigint AS due_in_ms
            FROM unnest(?::smallint[], ?::smallint[]) WITH ORDINALITY AS l (sink_id, shard, position)
            ORDER BY l.position
            """;

    // A bounded number of rows, not of aggregates: one aggregate can hold any number.
    private static final String HELD_AGGREGATES = """
            SELECT h.aggregate_type, h.aggregate_id
            FROM dualwrite.held_entry h
            WHERE h.sink_id = ? AND h.shard = ?
            ORDER BY h.aggregate_type, h.aggregate_id
            LIMIT ?
            """;

    // Of an aggregate whose first entry is dead only the one is tried that was promoted: it is full state.
    private static final String DUE_ENTRIES = """
            WITH due AS (
                SELECT DISTINCT d.aggregate_type, d.aggregate_id
                FROM (SELECT h.aggregate_type, h.aggregate_id
                      FROM dualwrite.held_entry h
                      WHERE h.sink_id = ? AND h.shard = ? AND h.state = 'backing_off' AND h.next_attempt_at <= now()
                      ORDER BY h.next_attempt_at
                      LIMIT ?) d
            ), entry AS (
                SELECT h.*,
                       sum(coalesce(octet_length(h.payload), 0))
                           OVER (ORDER BY h.aggregate_type, h.aggregate_id, h.version
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
                           - coalesce(octet_length(h.payload), 0) AS bytes_before
                FROM due
                CROSS JOIN LATERAL (
                    -- a person's act and a new entry of the aggregate may have made a later one due beside it
                    SELECT f.state, f.next_attempt_at > now() AS waits
                    FROM dualwrite.held_entry f
                    WHERE f.sink_id = ? AND f.shard = ?
                      AND f.aggregate_type = due.aggregate_type AND f.aggregate_id = due.aggregate_id
                    ORDER BY f.version
                    LIMIT 1
                ) first
                CROSS JOIN LATERAL (
                    (SELECT b.*
                     FROM dualwrite.held_entry b
                     WHERE b.sink_id = ? AND b.shard = ? AND first.state <> 'dead' AND first.waits IS NOT TRUE
                       AND b.aggregate_type = due.aggregate_type AND b.aggregate_id = due.aggregate_id
                     ORDER BY b.version
                     LIMIT ?)
                    UNION ALL
                    (SELECT n.*
                     FROM dualwrite.held_entry n
                     WHERE n.sink_id = ? AND n.shard = ? AND first.state = 'dead'
                       AND n.state = 'backing_off' AND n.next_attempt_at <= now()
                       AND n.aggregate_type = due.aggregate_type AND n.aggregate_id = due.aggregate_id
                     ORDER BY n.version DESC
                     LIMIT 1)
                ) h
                WHERE h.state <> 'dead'
            )
            SELECT h.version, h.shard, h.appended_at, h.schema_version, h.operation, h.aggregate_type, h.aggregate_id,
                   h.payload_type, h.headers, h.payload, h.attempts, h.suspect, h.unfinished,
                   coalesce(extract(epoch FROM now() - h.first_failed_at) * 1000, 0)::bigint AS held_for_ms
            FROM entry h
            WHERE h.bytes_before < ?
            ORDER BY h.aggregate_type, h.aggregate_id, h.version
            LIMIT ?
            """;

    // Where entries are full state, one that was applied takes the older ones of its aggregate with it: superseded.
    private static final String SETTLE_HELD = """
            WITH holder AS MATERIALIZED (
                SELECT 1
                FROM dualwrite.lane
                WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?
                FOR SHARE
            ), done AS MATERIALIZED (
                SELECT h.version
                FROM dualwrite.held_entry n
                JOIN dualwrite.held_entry h
                  ON h.sink_id = n.sink_id AND h.shard = n.shard
                 AND h.aggregate_type = n.aggregate_type AND h.aggregate_id = n.aggregate_id
                 AND (h.version = n.version OR (? AND h.version < n.version))
                WHERE n.version = ANY(?::bigint[]) AND EXISTS (SELECT 1 FROM holder)
                -- A person may leave an act open. Waiting for it here, with the lane's row, would stop the whole lane. What
                -- is passed over is tried again, and stale then.
                FOR UPDATE OF h SKIP LOCKED
            ), settled AS (
                DELETE FROM dualwrite.held_entry h
                USING done d
                WHERE h.version = d.version
                RETURNING h.version
            ), failed AS (
                UPDATE dualwrite.held_entry h
                SET state = f.state,
                    attempts = f.attempts,
                    unfinished = 0,
                    first_failed_at = coalesce(h.first_failed_at, now()),
                    next_attempt_at =
                        CASE WHEN f.state = 'backing_off' THEN now() + make_interval(secs => f.delay_ms / 1000.0) END,
                    error_class = f.error_class,
                    error_message = f.error_message
                FROM unnest(?::bigint[], ?::text[], ?::integer[], ?::bigint[], ?::text[], ?::text[])
                     AS f (version, state, attempts, delay_ms, error_class, error_message)
                WHERE h.version = (SELECT k.version
                                   FROM dualwrite.held_entry k
                                   WHERE k.version = f.version AND f.state <> 'blocked' AND EXISTS (SELECT 1 FROM holder)
                                   FOR NO KEY UPDATE OF k SKIP LOCKED)
                  -- a person may have made it wait for an earlier one while it was tried
                  AND (h.state = 'backing_off'
                       OR NOT EXISTS (SELECT 1
                                      FROM dualwrite.held_entry b
                                      WHERE b.sink_id = h.sink_id AND b.shard = h.shard
                                        AND b.aggregate_type = h.aggregate_type AND b.aggregate_id = h.aggregate_id
                                        AND b.version < h.version AND b.version <> ALL(?::bigint[])))
            )
            SELECT count(*) AS rights, pg_current_xact_id()::text::bigint AS xid,
                   (SELECT count(*) FROM settled s WHERE s.version <> ALL(?::bigint[])) AS superseded
            FROM holder
            """;

    // Written down before the attempt is made: if the process dies of it, this is what is left.
    private static final String BEGIN_ATTEMPT = """
            UPDATE dualwrite.held_entry h
            SET unfinished = h.unfinished + 1
            WHERE h.version = (SELECT k.version
                               FROM dualwrite.held_entry k
                               WHERE k.version = ?
                                 AND EXISTS (SELECT 1
                                             FROM dualwrite.lane
                                             WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?)
                               -- a person's open act has it: nothing is written down, so no attempt is made
                               FOR NO KEY UPDATE OF k SKIP LOCKED)
            """;

    // The process lives. Who has lost the lane meanwhile takes back its own attempt, and not what the next holder
    // wrote.
    private static final String END_ATTEMPT = """
            UPDATE dualwrite.held_entry h
            SET unfinished = CASE WHEN EXISTS (SELECT 1
                                               FROM dualwrite.lane
                                               WHERE sink_id = ? AND shard = ? AND fencing_token = ? AND holder = ?)
                                  THEN 0
                                  ELSE greatest(0, h.unfinished - 1)
                             END
            WHERE h.version = (SELECT k.version
                               FROM dualwrite.held_entry k
                               WHERE k.version = ?
                               FOR NO KEY UPDATE SKIP LOCKED)
            """;
}
