-- What a person sees and does in SQL: which entries are stuck and why, the backlog, lanes, relays and sinks; requeue,
-- discard, pause and resume, each act on record.
-- Lock taken: ACCESS EXCLUSIVE on the views stuck_entries and backlog, which waits for their readers (relays read neither), and on
-- the table control, whose one row relays read and change in short transactions; nothing in it is rewritten.
-- The two views are replaced, not dropped: grants on them and views over them stay.
-- Run time: milliseconds.
-- Undo: ../undo/V3__operator.sql

-- For the owner to set: no column that a relay may change, so a relay's user cannot purge what it has just done.
ALTER TABLE ${schema}.control ADD COLUMN audit_kept_at_least interval NOT NULL DEFAULT interval '30 days'
    CONSTRAINT control_audit_kept_a_day CHECK (audit_kept_at_least >= interval '1 day');
COMMENT ON COLUMN ${schema}.control.audit_kept_at_least IS
    'The record is not purged of what is younger, whatever a relay asks for; the owner of the schema may change it.';

-- A table of its own behind the view audit: the view is the promise, the table may get columns and writers; and whoever may
-- read the record need not be able to write it.
CREATE TABLE ${schema}.audit_entry (
    audit_id bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    text        NOT NULL,
    action   text        NOT NULL,
    subject  text        NOT NULL,
    reason   text        NOT NULL,
    detail   jsonb       NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (audit_id),
    CONSTRAINT audit_entry_reason_not_blank CHECK (reason ~ '\S'),
    CONSTRAINT audit_entry_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);
CREATE INDEX audit_entry_by_time ON ${schema}.audit_entry (at);
COMMENT ON TABLE ${schema}.audit_entry IS 'Every act of a person, written in the transaction of the act.';
COMMENT ON SEQUENCE ${schema}.audit_entry_audit_id_seq IS 'The numbers of the rows on record.';
COMMENT ON COLUMN ${schema}.audit_entry.audit_id IS 'Order of acts of the same moment.';
COMMENT ON COLUMN ${schema}.audit_entry.at IS 'When the act was made; it counts from its commit on.';
COMMENT ON COLUMN ${schema}.audit_entry.actor IS
    'The database user; "name via user" where an application acted for a person.';
COMMENT ON COLUMN ${schema}.audit_entry.action IS 'The function that was called.';
COMMENT ON COLUMN ${schema}.audit_entry.subject IS
    'What was acted on: "entry <id>", "entries <how many>", "sink <name>", "table <name>", "record".';
COMMENT ON COLUMN ${schema}.audit_entry.reason IS 'Why, in the words of that person.';
COMMENT ON COLUMN ${schema}.audit_entry.detail IS 'What the act met and what it did; never a payload.';

CREATE TABLE ${schema}.discarded_entry (
    version         bigint      NOT NULL,
    appended_at     timestamptz NOT NULL,
    held_at         timestamptz,
    discarded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    first_failed_at timestamptz,
    repaired_at     timestamptz,
    attempts        integer     NOT NULL,
    sink_id         smallint    NOT NULL,
    shard           smallint    NOT NULL,
    schema_version  smallint    NOT NULL,
    operation       "char"      NOT NULL,
    aggregate_type  text        NOT NULL,
    aggregate_id    text        NOT NULL,
    payload_type    text,
    headers         text,
    payload         bytea,
    error_class     text,
    error_message   text,
    discarded_by    text        NOT NULL,
    reason          text        NOT NULL,
    CONSTRAINT discarded_entry_pkey PRIMARY KEY (version)
);
CREATE INDEX discarded_entry_by_time ON ${schema}.discarded_entry (discarded_at);
COMMENT ON TABLE ${schema}.discarded_entry IS
    'Entries that a person took out: dead ones, and all of a sink that nobody carries. No relay reads it; the payload is kept so that a mistake can be looked into.';
COMMENT ON COLUMN ${schema}.discarded_entry.version IS 'The id that the entry had.';
COMMENT ON COLUMN ${schema}.discarded_entry.appended_at IS 'When it was appended.';
COMMENT ON COLUMN ${schema}.discarded_entry.held_at IS 'When it was taken out of the hot table; absent: it was never tried.';
COMMENT ON COLUMN ${schema}.discarded_entry.discarded_at IS
    'When a person gave it up; it is purged dualwrite.retention.discarded later, repaired or not.';
COMMENT ON COLUMN ${schema}.discarded_entry.first_failed_at IS 'When its first attempt failed.';
COMMENT ON COLUMN ${schema}.discarded_entry.repaired_at IS
    'Absent: the aggregate is marked for repair, its secondary store may miss this change.';
COMMENT ON COLUMN ${schema}.discarded_entry.attempts IS 'Tries until then.';
COMMENT ON COLUMN ${schema}.discarded_entry.sink_id IS 'The sink that misses it.';
COMMENT ON COLUMN ${schema}.discarded_entry.shard IS 'The lane of that sink.';
COMMENT ON COLUMN ${schema}.discarded_entry.schema_version IS 'Version of the form of the payload.';
COMMENT ON COLUMN ${schema}.discarded_entry.operation IS
    'U upsert; D delete; R reference: the relay would have loaded the state.';
COMMENT ON COLUMN ${schema}.discarded_entry.aggregate_type IS 'Type of the aggregate that changed.';
COMMENT ON COLUMN ${schema}.discarded_entry.aggregate_id IS 'Which aggregate of that type.';
COMMENT ON COLUMN ${schema}.discarded_entry.payload_type IS 'Logical type of the payload.';
COMMENT ON COLUMN ${schema}.discarded_entry.headers IS 'As in outbox_entry.';
COMMENT ON COLUMN ${schema}.discarded_entry.payload IS 'As in outbox_entry.';
COMMENT ON COLUMN ${schema}.discarded_entry.error_class IS 'Class of the last error.';
COMMENT ON COLUMN ${schema}.discarded_entry.error_message IS 'The last error.';
COMMENT ON COLUMN ${schema}.discarded_entry.discarded_by IS 'Who gave it up.';
COMMENT ON COLUMN ${schema}.discarded_entry.reason IS 'Why, in the words of that person.';

CREATE VIEW ${schema}.audit AS
SELECT a.at, a.actor, a.action, a.subject, a.reason, a.detail, a.audit_id
FROM ${schema}.audit_entry a;
COMMENT ON VIEW ${schema}.audit IS 'Every act of a person: who did what to which, when and why.';
COMMENT ON COLUMN ${schema}.audit.at IS 'When the act was made; it counts from its commit on.';
COMMENT ON COLUMN ${schema}.audit.actor IS 'The database user; "name via user" where an application acted for a person.';
COMMENT ON COLUMN ${schema}.audit.action IS 'The function that was called.';
COMMENT ON COLUMN ${schema}.audit.subject IS
    'What was acted on: "entry <id>", "entries <how many>", "sink <name>", "table <name>", "record".';
COMMENT ON COLUMN ${schema}.audit.reason IS 'Why, in the words of that person.';
COMMENT ON COLUMN ${schema}.audit.detail IS 'What the act met and what it did; never a payload.';
COMMENT ON COLUMN ${schema}.audit.audit_id IS 'Order of acts of the same moment.';

-- Not the payload and the headers: they are for whoever may read the table, as those of entries that are still there.
CREATE VIEW ${schema}.discarded AS
SELECT d.version AS entry_id,
       coalesce(s.name, '#' || d.sink_id) AS sink,
       d.aggregate_type,
       d.aggregate_id,
       d.attempts,
       d.appended_at,
       d.first_failed_at,
       d.error_class,
       d.error_message,
       d.discarded_at,
       d.discarded_by,
       d.reason,
       d.repaired_at
FROM ${schema}.discarded_entry d
LEFT JOIN ${schema}.sink s ON s.sink_id = d.sink_id;
COMMENT ON VIEW ${schema}.discarded IS
    'Entries that a person took out, until they are purged: the secondary misses them unless a later change made up for them.';
COMMENT ON COLUMN ${schema}.discarded.entry_id IS 'The id that the entry had.';
COMMENT ON COLUMN ${schema}.discarded.sink IS 'The sink that misses it.';
COMMENT ON COLUMN ${schema}.discarded.aggregate_type IS 'Type of the aggregate that changed.';
COMMENT ON COLUMN ${schema}.discarded.aggregate_id IS 'Which aggregate of that type.';
COMMENT ON COLUMN ${schema}.discarded.attempts IS 'Tries until then.';
COMMENT ON COLUMN ${schema}.discarded.appended_at IS 'When it was appended.';
COMMENT ON COLUMN ${schema}.discarded.first_failed_at IS 'When its first attempt failed; absent if none did.';
COMMENT ON COLUMN ${schema}.discarded.error_class IS 'Class of the last error; absent if there was none.';
COMMENT ON COLUMN ${schema}.discarded.error_message IS 'The last error.';
COMMENT ON COLUMN ${schema}.discarded.discarded_at IS 'When a person gave it up.';
COMMENT ON COLUMN ${schema}.discarded.discarded_by IS 'Who gave it up.';
COMMENT ON COLUMN ${schema}.discarded.reason IS 'Why, in the words of that person.';
COMMENT ON COLUMN ${schema}.discarded.repaired_at IS 'Absent: the aggregate is marked for repair.';

CREATE VIEW ${schema}.shards AS
SELECT s.name AS sink,
       l.shard,
       -- A lock that something else than a relay took has no UUID; a cast that fails would hide every lane.
       CASE WHEN k.locked_by ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN k.locked_by::uuid END AS holder,
       l.fencing_token,
       k.lock_until AT TIME ZONE 'UTC' AS leased_until,
       greatest(0, extract(epoch FROM now() - (
           SELECT e.appended_at
           FROM ${schema}.outbox_entry e
           WHERE e.sink_id = l.sink_id
             AND e.shard = l.shard
             -- A floor above the sequence is one from before a restore: nothing can be said to lie below it.
             AND e.sequence > CASE WHEN l.floor > (SELECT q.last_value FROM ${schema}.entry_sequence q) THEN 0
                                   ELSE l.floor
                              END
           ORDER BY e.sequence
           LIMIT 1)))::numeric(20, 3) AS lag_seconds,
       l.floor,
       l.unclean_takeovers
FROM ${schema}.lane l
JOIN ${schema}.sink s ON s.sink_id = l.sink_id
LEFT JOIN ${schema}.shedlock k
       ON k.name = s.name || '/' || l.shard AND k.lock_until > timezone('utc', now());
COMMENT ON VIEW ${schema}.shards IS 'A row for each lane: who works it, and how far behind it is.';
COMMENT ON COLUMN ${schema}.shards.sink IS 'Name of the sink.';
COMMENT ON COLUMN ${schema}.shards.shard IS 'Number of the shard, from 0 on.';
COMMENT ON COLUMN ${schema}.shards.holder IS 'The relay whose lease on the lane is alive; absent if there is none.';
COMMENT ON COLUMN ${schema}.shards.fencing_token IS 'Rises with each holder; a settle that carries an older one does nothing.';
COMMENT ON COLUMN ${schema}.shards.leased_until IS 'When the lease ends unless it is renewed; absent if it is not alive.';
COMMENT ON COLUMN ${schema}.shards.lag_seconds IS
    'Age of the first hot entry of the lane, 0 without one. Held entries are in the views backlog and stuck_entries.';
COMMENT ON COLUMN ${schema}.shards.floor IS 'Every entry up to this sequence is settled.';
COMMENT ON COLUMN ${schema}.shards.unclean_takeovers IS
    'How often in a row a holder was gone without giving the lane back, and without settling anything.';

CREATE VIEW ${schema}.relays AS
SELECT r.relay_id AS relay,
       r.host,
       r.started_at,
       r.heartbeat_at,
       r.heartbeat_at + r.alive_for > now() AS alive,
       ARRAY(SELECT s.name
             FROM ${schema}.relay_sink rs
             JOIN ${schema}.sink s ON s.sink_id = rs.sink_id
             WHERE rs.relay_id = r.relay_id
             ORDER BY s.name) AS sinks,
       (SELECT count(*) FROM ${schema}.shards h WHERE h.holder = r.relay_id) AS shards_held,
       r.fair_share
FROM ${schema}.relay r;
COMMENT ON VIEW ${schema}.relays IS 'A row for each start of a relay; it goes with a clean stop, or an hour after its last heartbeat has ceased to count.';
COMMENT ON COLUMN ${schema}.relays.relay IS 'The id of this start of a relay; it is in its log.';
COMMENT ON COLUMN ${schema}.relays.host IS 'Host name and process id.';
COMMENT ON COLUMN ${schema}.relays.started_at IS 'When it started.';
COMMENT ON COLUMN ${schema}.relays.heartbeat_at IS 'Its last sign of life.';
COMMENT ON COLUMN ${schema}.relays.alive IS 'Whether its last heartbeat still counts.';
COMMENT ON COLUMN ${schema}.relays.sinks IS 'The sinks that it carries.';
COMMENT ON COLUMN ${schema}.relays.shards_held IS 'How many lanes it holds a living lease on.';
COMMENT ON COLUMN ${schema}.relays.fair_share IS 'How many lanes it should hold, as it computed itself.';

CREATE VIEW ${schema}.sinks AS
SELECT s.name AS sink,
       CASE WHEN s.paused_at IS NOT NULL THEN 'paused'
            WHEN living.tripped_at IS NOT NULL THEN 'tripped'
            ELSE 'running'
       END AS state,
       coalesce(s.paused_reason, living.tripped_reason,
                CASE WHEN living.relays = 0 THEN 'no living relay carries it' END) AS reason,
       coalesce(s.paused_at, living.tripped_at) AS since,
       living.relays,
       living.tripped_relays,
       s.paused_by
FROM ${schema}.sink s
CROSS JOIN LATERAL (
    SELECT count(*) AS relays,
           count(rs.tripped_at) AS tripped_relays,
           min(rs.tripped_at) AS tripped_at,
           (array_agg(rs.tripped_reason ORDER BY rs.tripped_at))[1] AS tripped_reason
    FROM ${schema}.relay_sink rs
    JOIN ${schema}.relay r ON r.relay_id = rs.relay_id
    WHERE rs.sink_id = s.sink_id AND r.heartbeat_at + r.alive_for > now()
) living;
COMMENT ON VIEW ${schema}.sinks IS 'A row for each sink: whether entries are applied to it, and why not.';
COMMENT ON COLUMN ${schema}.sinks.sink IS 'Name of the sink.';
COMMENT ON COLUMN ${schema}.sinks.state IS
    'paused: by a person, until one resumes it. tripped: a living relay found it down and goes on by itself when it answers.';
COMMENT ON COLUMN ${schema}.sinks.reason IS 'The person''s, or that of the relay whose breaker has been open the longest.';
COMMENT ON COLUMN ${schema}.sinks.since IS 'Since when it is paused or tripped; absent if it runs.';
COMMENT ON COLUMN ${schema}.sinks.relays IS 'How many living relays carry it; 0: nothing is applied, whatever the state says.';
COMMENT ON COLUMN ${schema}.sinks.tripped_relays IS 'At how many of them its breaker is open.';
COMMENT ON COLUMN ${schema}.sinks.paused_by IS 'Who paused it; absent if nobody did.';

-- Why the entries of a lane wait, for stuck_entries and for the answers of the functions below; not for scripts, which find
-- the words there.
CREATE VIEW ${schema}.lane_reason AS
WITH living AS (
    SELECT r.relay_id, r.host, rs.sink_id, rs.tripped_at, rs.tripped_reason
    FROM ${schema}.relay r
    JOIN ${schema}.relay_sink rs ON rs.relay_id = r.relay_id
    WHERE r.heartbeat_at + r.alive_for > now()
)
SELECT s.sink_id,
       h.shard,
       s.name AS sink,
       keeps.obstacle,
       CASE keeps.obstacle
           WHEN 'paused' THEN
               format('its sink is paused by %s since %s: %s',
                      s.paused_by, to_char(s.paused_at, 'YYYY-MM-DD HH24:MI:SSOF'), s.paused_reason)
           WHEN 'uncarried' THEN
               'no living relay carries its sink; see the view relays'
           WHEN 'tripped' THEN
               format('the breaker of its sink is open at relay %s on %s since %s: %s',
                      breaker.relay_id, breaker.host,
                      to_char(breaker.tripped_at, 'YYYY-MM-DD HH24:MI:SSOF'), breaker.tripped_reason)
           WHEN 'unheld' THEN
               format('no living relay holds its lane %s/%s; see the view shards', s.name, h.shard)
           ELSE format('its lane is being worked by relay %s on %s; see the views backlog and shards',
                       h.holder, coalesce(holder.host, 'an unknown host'))
       END AS reason,
       CASE keeps.obstacle
           WHEN 'paused' THEN
               format('once whoever paused it agrees: SELECT ${schema}.resume_sink(%L, ''<reason>'')', s.name)
           WHEN 'uncarried' THEN
               -- No call to paste: the one that there is gives up all entries of the sink.
               format('start a relay that has sink %s in its configuration; if none ever will, see the section'
                      ' "A sink that no relay carries" of the how-to on stuck entries', s.name)
           WHEN 'tripped' THEN
               'none here: it goes on by itself once the secondary store answers; see to that store'
           WHEN 'unheld' THEN
               'none: a living relay takes the lane within seconds, or a lease after its holder was killed;'
               ' if none does, look into the log of the relays'
           ELSE 'none: it is tried when its turn comes; if lag_seconds of the view backlog grows, add relays or see to the store'
       END AS next_step
FROM ${schema}.shards h
JOIN ${schema}.sink s ON s.name = h.sink
LEFT JOIN ${schema}.relay holder ON holder.relay_id = h.holder
LEFT JOIN LATERAL (
    -- The breaker of another relay says nothing about a lane that this one does not hold.
    SELECT v.relay_id, v.host, v.tripped_at, v.tripped_reason
    FROM living v
    WHERE v.sink_id = s.sink_id AND v.tripped_at IS NOT NULL AND (h.holder IS NULL OR v.relay_id = h.holder)
    ORDER BY v.tripped_at
    LIMIT 1
) breaker ON true
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.paused_at IS NOT NULL THEN 'paused'
                WHEN NOT EXISTS (SELECT 1 FROM living v WHERE v.sink_id = s.sink_id) THEN 'uncarried'
                WHEN breaker.relay_id IS NOT NULL THEN 'tripped'
                WHEN h.holder IS NULL THEN 'unheld'
                ELSE 'worked'
           END AS obstacle
) keeps;
COMMENT ON VIEW ${schema}.lane_reason IS 'A row for each lane: what keeps its entries. Internal; people read stuck_entries.';
COMMENT ON COLUMN ${schema}.lane_reason.sink_id IS 'Number of the sink.';
COMMENT ON COLUMN ${schema}.lane_reason.shard IS 'Number of the shard.';
COMMENT ON COLUMN ${schema}.lane_reason.sink IS 'Name of the sink.';
COMMENT ON COLUMN ${schema}.lane_reason.obstacle IS 'paused, uncarried, tripped, unheld, or worked: nothing keeps them but those before them.';
COMMENT ON COLUMN ${schema}.lane_reason.reason IS 'The obstacle in words.';
COMMENT ON COLUMN ${schema}.lane_reason.next_step IS 'What a person does about it, if anything.';

-- What keeps the cost of it level, whatever is in the tables:
-- The reason is found once a lane, then joined. Each state is a branch of its own, whose state is a constant, so a condition on
-- it leaves out the other branches and uses held_entry_by_state; one on an entry_id uses the primary key, one on an aggregate is
-- one look a lane into held_entry_by_aggregate. Nothing of a hot entry is indexed but its place, so the first ones of each lane
-- are looked at, 10,000 a sink at most (10 a lane at least); those behind them wait for nothing else. Only ORDER BY age must
-- read all that the conditions leave, and so must ORDER BY entry_id: the branches come one after the other. For a page of very
-- many there is oldest_stuck.
-- What stands in no lane was written by hand. It lies in the gaps between the lanes, so that is where it is looked for.
CREATE OR REPLACE VIEW ${schema}.stuck_entries AS
SELECT u.entry_id,
       u.sink,
       u.aggregate_type,
       u.aggregate_id,
       u.state,
       u.attempts,
       u.first_failed_at,
       u.next_attempt_at,
       u.error_class,
       u.error_message,
       now() - u.appended_at AS age,
       CASE WHEN u.state = 'blocked' THEN
           (SELECT min(f.version)
            FROM ${schema}.held_entry f
            WHERE f.sink_id = u.sink_id AND f.shard = u.shard
              AND f.aggregate_type = u.aggregate_type AND f.aggregate_id = u.aggregate_id)
       END AS blocked_by,
       -- Looked up in the outermost query on purpose: where it sorts and has a LIMIT, only for what is left then.
       coalesce(u.next_step,
           (SELECT CASE
                       WHEN f.version = u.entry_id AND u.state = 'dead' THEN
                           format('once the cause is gone: SELECT ${schema}.requeue(%s, ''<reason>'');'
                                  ' to give it up: SELECT ${schema}.discard(%s, ''<reason>'')', u.entry_id, u.entry_id)
                       WHEN u.state = 'dead' THEN
                           format('cure entry %s, the first one of its aggregate, then this one follows;'
                                  ' to give it up: SELECT ${schema}.discard(%s, ''<reason>'')', f.version, u.entry_id)
                       WHEN f.state = 'dead' THEN
                           format('cure entry %s: requeue or discard it, then this one follows by itself', f.version)
                       WHEN u.lane_step IS NOT NULL THEN u.lane_step
                       WHEN f.state = 'backing_off' THEN
                           format('none: it follows entry %s, which is tried again at %s', f.version,
                                  to_char(f.next_attempt_at, 'YYYY-MM-DD HH24:MI:SSOF'))
                       ELSE 'none: it is the first of its aggregate now, a relay tries it within seconds'
                   END
            FROM ${schema}.held_entry f
            WHERE f.sink_id = u.sink_id AND f.shard = u.shard
              AND f.aggregate_type = u.aggregate_type AND f.aggregate_id = u.aggregate_id
            ORDER BY f.version
            LIMIT 1)) AS next_step,
       u.appended_at
FROM (
    WITH lane_reason AS MATERIALIZED (
        SELECT r.sink_id, r.shard, r.sink, r.obstacle, r.reason, r.next_step
        FROM ${schema}.lane_reason r
    ), gap AS MATERIALIZED (
        SELECT p.sink_id AS after_sink,
               (SELECT c.shard_count FROM ${schema}.control c) - 1 AS after_shard,
               coalesce(lead(p.sink_id) OVER (ORDER BY p.sink_id), 32768) AS before_sink
        FROM (SELECT s.sink_id::integer FROM ${schema}.sink s UNION ALL SELECT -32769) p
    )
    SELECT h.version AS entry_id,
           l.sink,
           h.aggregate_type,
           h.aggregate_id,
           'dead' AS state,
           h.attempts,
           h.first_failed_at,
           h.next_attempt_at,
           h.error_class,
           h.error_message,
           h.sink_id,
           h.shard,
           NULL::text AS next_step,
           NULL::text AS lane_step,
           h.appended_at
    FROM lane_reason l
    JOIN ${schema}.held_entry h ON h.sink_id = l.sink_id AND h.shard = l.shard
    WHERE h.state = 'dead'
    UNION ALL
    SELECT h.version,
           l.sink,
           h.aggregate_type,
           h.aggregate_id,
           'blocked',
           h.attempts,
           h.first_failed_at,
           h.next_attempt_at,
           h.error_class,
           h.error_message,
           h.sink_id,
           h.shard,
           NULL,
           -- A first one that is due is not tried either while the lane is not worked.
           CASE WHEN l.obstacle <> 'worked' THEN l.next_step END,
           h.appended_at
    FROM lane_reason l
    JOIN ${schema}.held_entry h ON h.sink_id = l.sink_id AND h.shard = l.shard
    WHERE h.state = 'blocked'
    UNION ALL
    SELECT h.version,
           l.sink,
           h.aggregate_type,
           h.aggregate_id,
           'overdue',
           h.attempts,
           h.first_failed_at,
           h.next_attempt_at,
           h.error_class,
           CASE WHEN h.next_attempt_at < now() - (SELECT c.stuck_after FROM ${schema}.control c) THEN
                    concat_ws('; ', h.error_message,
                              format('due since %s, but %s', to_char(h.next_attempt_at, 'YYYY-MM-DD HH24:MI:SSOF'), l.reason))
                ELSE h.error_message
           END,
           h.sink_id,
           h.shard,
           CASE WHEN l.obstacle <> 'worked' THEN l.next_step
                ELSE format('none: it is tried again at %s', to_char(h.next_attempt_at, 'YYYY-MM-DD HH24:MI:SSOF'))
           END,
           NULL,
           h.appended_at
    FROM lane_reason l
    JOIN ${schema}.held_entry h ON h.sink_id = l.sink_id AND h.shard = l.shard
    WHERE h.state = 'backing_off'
    UNION ALL
    SELECT (SELECT c.epoch FROM ${schema}.control c) * 281474976710656 + e.sequence,
           l.sink,
           e.aggregate_type,
           e.aggregate_id,
           'overdue',
           0,
           NULL,
           NULL,
           NULL,
           l.reason,
           l.sink_id,
           l.shard,
           l.next_step,
           NULL,
           e.appended_at
    FROM lane_reason l
    JOIN ${schema}.lane n ON n.sink_id = l.sink_id AND n.shard = l.shard
    CROSS JOIN LATERAL (
        SELECT o.sequence, o.aggregate_type, o.aggregate_id, o.appended_at
        FROM ${schema}.outbox_entry o
        WHERE o.sink_id = l.sink_id
          AND o.shard = l.shard
          AND o.sequence > CASE WHEN n.floor > (SELECT q.last_value FROM ${schema}.entry_sequence q) THEN 0
                                ELSE n.floor
                           END
        ORDER BY o.sequence
        LIMIT (SELECT greatest(10, 10000 / c.shard_count) FROM ${schema}.control c)
    ) e
    WHERE e.appended_at < now() - (SELECT c.stuck_after FROM ${schema}.control c)
    UNION ALL
    SELECT w.version,
           coalesce(s.name, '#' || w.sink_id),
           w.aggregate_type,
           w.aggregate_id,
           w.state,
           w.attempts,
           w.first_failed_at,
           w.next_attempt_at,
           w.error_class,
           concat_ws('; ', w.error_message, 'it has no lane: its sink or its shard is unknown here'),
           w.sink_id,
           w.shard,
           'it was written by hand, and no relay sees it: append the change anew through the service, and delete this row',
           NULL,
           w.appended_at
    FROM gap g
    CROSS JOIN LATERAL (
        (SELECT h.version, h.sink_id, h.shard, h.aggregate_type, h.aggregate_id,
                CASE WHEN h.state = 'backing_off' THEN 'overdue' ELSE h.state END AS state, h.attempts,
                h.first_failed_at, h.next_attempt_at, h.error_class, h.error_message, h.appended_at
         FROM ${schema}.held_entry h
         WHERE (h.sink_id, h.shard) > (g.after_sink, g.after_shard) AND (h.sink_id, h.shard) < (g.before_sink, 0)
         ORDER BY h.sink_id, h.shard
         LIMIT 100)
        UNION ALL
        (SELECT (SELECT c.epoch FROM ${schema}.control c) * 281474976710656 + o.sequence, o.sink_id, o.shard, o.aggregate_type,
                o.aggregate_id, 'overdue', 0, NULL, NULL, NULL, NULL, o.appended_at
         FROM ${schema}.outbox_entry o
         WHERE (o.sink_id, o.shard) > (g.after_sink, g.after_shard) AND (o.sink_id, o.shard) < (g.before_sink, 0)
           AND o.appended_at < now() - (SELECT c.stuck_after FROM ${schema}.control c)
         ORDER BY o.sink_id, o.shard
         LIMIT 100)
    ) w
    LEFT JOIN ${schema}.sink s ON s.sink_id = w.sink_id
) u;
COMMENT ON VIEW ${schema}.stuck_entries IS
    'Entries that do not get on, with the reason: dead (waits for a person), overdue (will be tried again), blocked (behind one of them). All held ones; of those never tried the first of each lane, 10,000 a sink.';
COMMENT ON COLUMN ${schema}.stuck_entries.entry_id IS 'What requeue and discard take.';
COMMENT ON COLUMN ${schema}.stuck_entries.sink IS 'Where it is not applied.';
COMMENT ON COLUMN ${schema}.stuck_entries.aggregate_type IS 'Type of the aggregate that it is a change of.';
COMMENT ON COLUMN ${schema}.stuck_entries.aggregate_id IS 'Which aggregate of that type; ask for both together.';
COMMENT ON COLUMN ${schema}.stuck_entries.state IS
    'dead: out of attempts or rejected, waits for a person. overdue: backing off, or never tried for longer than control.stuck_after. blocked: waits behind blocked_by.';
COMMENT ON COLUMN ${schema}.stuck_entries.attempts IS 'Tries so far; 0: none yet, or none since it was requeued.';
COMMENT ON COLUMN ${schema}.stuck_entries.first_failed_at IS 'When its first attempt failed, since it was requeued if it was; absent if none did.';
COMMENT ON COLUMN ${schema}.stuck_entries.next_attempt_at IS 'From when on it may be tried again; absent unless it backs off.';
COMMENT ON COLUMN ${schema}.stuck_entries.error_class IS 'Class of the last error; absent if there was none.';
COMMENT ON COLUMN ${schema}.stuck_entries.error_message IS
    'The last error of the entry; for an overdue one, in words, what keeps it from being tried.';
COMMENT ON COLUMN ${schema}.stuck_entries.age IS 'Since it was appended.';
COMMENT ON COLUMN ${schema}.stuck_entries.blocked_by IS 'The first held entry of its aggregate: cure that one.';
COMMENT ON COLUMN ${schema}.stuck_entries.next_step IS
    'What to do about it, with the very call to make; begins with none where it gets on without a person.';
COMMENT ON COLUMN ${schema}.stuck_entries.appended_at IS 'When it was appended.';

-- The oldest hot entry is the oldest of the first ones of the lanes: one look into the primary key for each, above the floor.
-- More entries than are counted are estimated: from the first entry of a lane to the last number drawn, the numbers are cut
-- into eight parts, and the first 50 entries of each part tell how densely this lane fills it. So neither the other sinks nor
-- an uneven load count in. At most 400 index entries a lane are read for it, none while counting is enough.
-- Held entries are counted in held_entry_by_state, as long as there are 100,000 of the sink with the hot ones, and of each state
-- 10,000 in any case, so that few dead among many blocked are told exactly. What is more is estimated by a sample of 500 pages
-- of the table, always the same ones, so that the figure does not jitter; rows of one page are often of one failure, so it is a
-- few per cent off.
-- Versions rise with the time of appending, so the first of a lane is its oldest; and a blocked entry is younger than the one
-- it waits for, so the oldest that backs off is the oldest of both.
CREATE OR REPLACE VIEW ${schema}.backlog AS
WITH head AS MATERIALIZED (
    SELECT l.sink_id, l.shard, first.sequence, first.appended_at, q.last_value - first.sequence + 1 AS span
    FROM ${schema}.lane l
    CROSS JOIN ${schema}.entry_sequence q
    CROSS JOIN LATERAL (
        SELECT e.sequence, e.appended_at
        FROM ${schema}.outbox_entry e
        WHERE e.sink_id = l.sink_id
          AND e.shard = l.shard
          AND e.sequence > CASE WHEN l.floor > q.last_value THEN 0 ELSE l.floor END
        ORDER BY e.sequence
        LIMIT 1
    ) first
), pages AS MATERIALIZED (
    SELECT greatest(1, pg_relation_size('${schema}.held_entry') / current_setting('block_size')::integer) AS pages
), sample AS MATERIALIZED (
    SELECT h.sink_id, h.state, count(*) * greatest(1, (SELECT p.pages FROM pages p) / 500.0) AS entries
    FROM ${schema}.held_entry h TABLESAMPLE SYSTEM (least(100, 50000.0 / (SELECT p.pages FROM pages p))) REPEATABLE (0)
    GROUP BY h.sink_id, h.state
)
SELECT s.name AS sink,
       greatest(counted.entries, estimate.entries) + held.dead + held.blocked + held.backing_off AS entries,
       counted.entries > 100000 OR held.estimated AS estimated,
       least(hot.oldest, oldest.backing_off) AS oldest_appended_at,
       greatest(0, extract(epoch FROM now() - least(hot.oldest, oldest.backing_off)))::numeric(20, 3) AS lag_seconds,
       held.blocked,
       held.dead,
       held.backing_off,
       oldest.dead AS oldest_dead_appended_at,
       greatest(0, extract(epoch FROM now() - hot.oldest))::numeric(20, 3) AS hot_lag_seconds
FROM ${schema}.sink s
CROSS JOIN LATERAL (
    SELECT count(*) AS entries
    FROM (SELECT 1 FROM ${schema}.outbox_entry e WHERE e.sink_id = s.sink_id LIMIT 100001) c
) counted
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, greatest(10001, 100001 - counted.entries) AS most
    FROM (SELECT 1
          FROM ${schema}.lane l
          CROSS JOIN LATERAL (
              -- the bound keeps the planner from joining what must not be read
              SELECT 1
              FROM ${schema}.held_entry h
              WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'dead'
              LIMIT greatest(10001, 100001 - counted.entries)
          ) h
          WHERE l.sink_id = s.sink_id
          LIMIT greatest(10001, 100001 - counted.entries)) c
) dead
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, greatest(10001, 100001 - counted.entries - dead.entries) AS most
    FROM (SELECT 1
          FROM ${schema}.lane l
          CROSS JOIN LATERAL (
              -- the bound keeps the planner from joining what must not be read
              SELECT 1
              FROM ${schema}.held_entry h
              WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'blocked'
              LIMIT greatest(10001, 100001 - counted.entries - dead.entries)
          ) h
          WHERE l.sink_id = s.sink_id
          LIMIT greatest(10001, 100001 - counted.entries - dead.entries)) c
) blocked
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, greatest(10001, 100001 - counted.entries - dead.entries - blocked.entries) AS most
    FROM (SELECT 1
          FROM ${schema}.lane l
          CROSS JOIN LATERAL (
              -- the bound keeps the planner from joining what must not be read
              SELECT 1
              FROM ${schema}.held_entry h
              WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'backing_off'
              LIMIT greatest(10001, 100001 - counted.entries - dead.entries - blocked.entries)
          ) h
          WHERE l.sink_id = s.sink_id
          LIMIT greatest(10001, 100001 - counted.entries - dead.entries - blocked.entries)) c
) backing_off
CROSS JOIN LATERAL (
    SELECT greatest(dead.entries, dead_sample.entries)::bigint AS dead,
           greatest(blocked.entries, blocked_sample.entries)::bigint AS blocked,
           greatest(backing_off.entries, backing_off_sample.entries)::bigint AS backing_off,
           dead.entries >= dead.most OR blocked.entries >= blocked.most OR backing_off.entries >= backing_off.most AS estimated
    FROM (SELECT (SELECT e.entries
                  FROM sample e
                  WHERE e.sink_id = s.sink_id AND e.state = 'dead' AND dead.entries >= dead.most) AS entries) dead_sample
    CROSS JOIN (SELECT (SELECT e.entries
                        FROM sample e
                        WHERE e.sink_id = s.sink_id AND e.state = 'blocked' AND blocked.entries >= blocked.most) AS entries) blocked_sample
    CROSS JOIN (SELECT (SELECT e.entries
                        FROM sample e
                        WHERE e.sink_id = s.sink_id AND e.state = 'backing_off'
                          AND backing_off.entries >= backing_off.most) AS entries) backing_off_sample
) held
CROSS JOIN LATERAL (
    SELECT min(first.appended_at) FILTER (WHERE first.state = 'dead') AS dead,
           min(first.appended_at) FILTER (WHERE first.state = 'backing_off') AS backing_off
    FROM ${schema}.lane l
    CROSS JOIN LATERAL (
        (SELECT h.state, h.appended_at
         FROM ${schema}.held_entry h
         WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'dead'
         ORDER BY h.version
         LIMIT 1)
        UNION ALL
        (SELECT h.state, h.appended_at
         FROM ${schema}.held_entry h
         WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'backing_off'
         ORDER BY h.version
         LIMIT 1)
    ) first
    WHERE l.sink_id = s.sink_id
) oldest
CROSS JOIN LATERAL (
    SELECT min(f.appended_at) AS oldest
    FROM head f
    WHERE f.sink_id = s.sink_id
) hot
CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN sample.entries < 50 THEN sample.entries
                    ELSE sample.entries * (part.beyond - part.start) / (sample.last - part.start + 1)
               END)::bigint AS entries
    FROM head f
    CROSS JOIN generate_series(0, 7) AS i
    CROSS JOIN LATERAL (
        SELECT f.sequence + f.span * i / 8 AS start, f.sequence + f.span * (i + 1) / 8 AS beyond
    ) part
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, max(p.sequence) AS last
        FROM (SELECT e.sequence
              FROM ${schema}.outbox_entry e
              WHERE e.sink_id = f.sink_id
                AND e.shard = f.shard
                AND e.sequence >= part.start
                AND e.sequence < part.beyond
              ORDER BY e.sequence
              LIMIT 50) p
    ) sample
    WHERE f.sink_id = s.sink_id AND counted.entries > 100000
) estimate;
COMMENT ON VIEW ${schema}.backlog IS
    'For each sink: how many entries are not applied, and how old the oldest is that can still get on by itself.';
COMMENT ON COLUMN ${schema}.backlog.entries IS
    'Not applied, hot and held. Up to 100,000 are counted, and of each held state 10,000 in any case; above that they are estimated from samples.';
COMMENT ON COLUMN ${schema}.backlog.estimated IS
    'Whether one of the figures is an estimate, since there are more than 100,000 entries.';
COMMENT ON COLUMN ${schema}.backlog.sink IS 'Name of the sink.';
COMMENT ON COLUMN ${schema}.backlog.oldest_appended_at IS
    'Of the entries that are neither dead nor blocked behind a dead one: those wait for a person, and would hide how far behind the rest is.';
COMMENT ON COLUMN ${schema}.backlog.lag_seconds IS 'Age of the entry of oldest_appended_at, 0 without one.';
COMMENT ON COLUMN ${schema}.backlog.hot_lag_seconds IS
    'Age of the oldest entry that was not tried yet, 0 without one. Held ones do not count in, so it says how far behind the relays are.';
COMMENT ON COLUMN ${schema}.backlog.blocked IS 'Held behind an earlier entry of their aggregate.';
COMMENT ON COLUMN ${schema}.backlog.dead IS 'Wait for a person: requeue or discard them.';
COMMENT ON COLUMN ${schema}.backlog.backing_off IS 'Failed, and will be tried again.';
COMMENT ON COLUMN ${schema}.backlog.oldest_dead_appended_at IS 'How long the oldest dead entry has been missing at the secondary.';

-- The list that a person scrolls through, for which the view would have to sort all it has: the oldest ones of a sink and a
-- state, from the first ones of each lane, in the order of their ids, which is that of their appending.
-- Of the hot ones every page looks at all that the view has, from the floor on: with fewer of them a later page would find only
-- those of the first one again, and with those behind after_entry it would count in some that the view does not show.
CREATE FUNCTION ${schema}.oldest_stuck(of_sink text DEFAULT NULL, in_state text DEFAULT NULL, at_most integer DEFAULT 100,
                                       after_entry bigint DEFAULT NULL)
    RETURNS SETOF ${schema}.stuck_entries
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        first_id bigint := coalesce(after_entry, -9223372036854775808);
    BEGIN
        IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 10000 THEN
            RAISE EXCEPTION 'at_most is %, expected 1 to 10000', coalesce(at_most::text, 'null')
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF of_sink IS NOT NULL AND NOT EXISTS (SELECT FROM ${schema}.sink s WHERE s.name = of_sink) THEN
            RAISE EXCEPTION 'there is no sink %, known: %', quote_literal(of_sink),
                            coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM ${schema}.sink s), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;
        IF in_state NOT IN ('dead', 'blocked', 'overdue') THEN
            RAISE EXCEPTION 'the state is %, expected dead, blocked or overdue', quote_literal(in_state)
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN QUERY
            SELECT v.*
            FROM ${schema}.stuck_entries v
            WHERE v.entry_id = ANY (ARRAY(
                SELECT o.entry_id
                FROM (SELECT h.version AS entry_id
                      FROM ${schema}.lane l
                      JOIN ${schema}.sink s ON s.sink_id = l.sink_id
                      CROSS JOIN unnest('{dead,blocked,backing_off}'::text[]) AS of (state)
                      CROSS JOIN LATERAL (
                          SELECT e.version
                          FROM ${schema}.held_entry e
                          WHERE e.sink_id = l.sink_id AND e.shard = l.shard AND e.state = of.state AND e.version > first_id
                          ORDER BY e.version
                          LIMIT at_most
                      ) h
                      WHERE (of_sink IS NULL OR s.name = of_sink)
                        AND (in_state IS NULL OR of.state = CASE in_state WHEN 'overdue' THEN 'backing_off' ELSE in_state END)
                      UNION ALL
                      SELECT (SELECT c.epoch FROM ${schema}.control c) * 281474976710656 + h.sequence
                      FROM ${schema}.lane l
                      JOIN ${schema}.sink s ON s.sink_id = l.sink_id
                      CROSS JOIN LATERAL (
                          SELECT e.sequence, e.appended_at
                          FROM ${schema}.outbox_entry e
                          WHERE e.sink_id = l.sink_id
                            AND e.shard = l.shard
                            AND e.sequence > CASE WHEN l.floor > (SELECT q.last_value FROM ${schema}.entry_sequence q) THEN 0
                                                  ELSE l.floor
                                             END
                          ORDER BY e.sequence
                          LIMIT (SELECT greatest(10, 10000 / c.shard_count) FROM ${schema}.control c)
                      ) h
                      WHERE (of_sink IS NULL OR s.name = of_sink)
                        AND (in_state IS NULL OR in_state = 'overdue')
                        AND h.appended_at < now() - (SELECT c.stuck_after FROM ${schema}.control c)) o
                WHERE o.entry_id > first_id
                ORDER BY o.entry_id
                LIMIT at_most))
            ORDER BY v.entry_id;
    END
    $$;
COMMENT ON FUNCTION ${schema}.oldest_stuck(text, text, integer, bigint) IS
    'The oldest entries of the view stuck_entries, of one sink and one state or of all, in the order of their ids, from the one behind after_entry on: page by page, fast however many there are. What stands in no lane is in the view only.';

-- The functions. The eight that people act with are SECURITY DEFINER: who may call them needs no right on a table, so can do
-- nothing that is not on record. So are the two purges, which relays call, and oldest_stuck above. All others are their parts, and
-- are called by nobody else.

-- What a person typed, as one line. Control characters, line separators and marks that turn the direction of writing could
-- pass one line of a log for two, or drive the terminal of whoever reads the record.
CREATE FUNCTION ${schema}.one_line(given text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT regexp_replace(
            regexp_replace(given, '[\u0001-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]+', ' ', 'g'),
            '^\s+|\s+$', '', 'g')
    $$;

-- Who acts: the database user, for the person whom the framework names.
CREATE FUNCTION ${schema}.actor() RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(left(nullif(${schema}.one_line(current_setting('dualwrite.actor', true)), ''), 200) || ' via ', '')
               || session_user
    $$;

-- How every act begins. Raising the version tells relays that poll, the notification those that listen. It comes first on
-- purpose: the lock on the one row lets one act through at a time, so none decides on what another one is changing.
-- A channel's name has 63 bytes at most, as an identifier in LISTEN, which is cut there too.
CREATE FUNCTION ${schema}.begin_act(reason text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given text := ${schema}.one_line(reason);
    BEGIN
        IF given IS NULL OR given = '' THEN
            RAISE EXCEPTION 'the reason is %, expected a few words on why this is done',
                            CASE WHEN given IS NULL THEN 'null' ELSE 'blank' END
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'It goes on record in the view audit, for whoever asks later.';
        END IF;
        -- As the view stuck_entries prints the calls: whoever pastes one has to look at it first.
        IF lower(given) = '<reason>' THEN
            RAISE EXCEPTION 'the reason is the placeholder <reason>, expected a few words on why this is done'
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'Put your own words in its place. They go on record in the view audit, for whoever asks later.';
        END IF;
        UPDATE ${schema}.control SET version = version + 1;
        PERFORM pg_notify(left('dualwrite_${schema}', 63), '');
        RETURN left(given, 2000);
    END
    $$;

CREATE FUNCTION ${schema}.record_act(action text, subject text, reason text, detail jsonb) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$
        INSERT INTO ${schema}.audit_entry (actor, action, subject, reason, detail)
        VALUES (${schema}.actor(), action, subject, reason, detail)
    $$;

-- FOR NO KEY UPDATE: lanes and relays refer to the row, and need not wait.
CREATE FUNCTION ${schema}.lock_sink(sink text) RETURNS ${schema}.sink
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        found_sink ${schema}.sink%ROWTYPE;
    BEGIN
        SELECT s.* INTO found_sink FROM ${schema}.sink s WHERE s.name = lock_sink.sink FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no sink %, known: %',
                            coalesce(quote_literal(lock_sink.sink), 'null'),
                            coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM ${schema}.sink s), 'none')
                USING ERRCODE = 'no_data_found',
                      HINT = 'A sink is known from the first start of a process that has it in its configuration.';
        END IF;
        RETURN found_sink;
    END
    $$;

-- The first held entry of the aggregate of this one.
CREATE FUNCTION ${schema}.first_held(entry ${schema}.held_entry) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT min(h.version)
        FROM ${schema}.held_entry h
        WHERE h.sink_id = entry.sink_id AND h.shard = entry.shard
          AND h.aggregate_type = entry.aggregate_type AND h.aggregate_id = entry.aggregate_id
    $$;

-- The first held entries of all aggregates of a sink, those in this state.
CREATE FUNCTION ${schema}.all_first_held(sink ${schema}.sink, state text) RETURNS bigint[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT ARRAY(
            SELECT f.version
            FROM (SELECT DISTINCT ON (h.shard, h.aggregate_type, h.aggregate_id) h.version, h.state
                  FROM ${schema}.held_entry h
                  WHERE h.sink_id = sink.sink_id
                  ORDER BY h.shard, h.aggregate_type, h.aggregate_id, h.version) f
            WHERE f.state = all_first_held.state)
    $$;

-- The oldest dead ones of a sink that are the first held ones of their aggregates: read in held_entry_by_state, a lane at a time,
-- and each looked up in held_entry_by_aggregate.
CREATE FUNCTION ${schema}.oldest_first_dead(sink ${schema}.sink, at_most integer) RETURNS bigint[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT ARRAY(
            SELECT d.version
            FROM ${schema}.lane l
            CROSS JOIN LATERAL (
                SELECT h.version
                FROM ${schema}.held_entry h
                WHERE h.sink_id = l.sink_id AND h.shard = l.shard AND h.state = 'dead'
                  AND h.version = (SELECT min(f.version)
                                   FROM ${schema}.held_entry f
                                   WHERE f.sink_id = h.sink_id AND f.shard = h.shard
                                     AND f.aggregate_type = h.aggregate_type AND f.aggregate_id = h.aggregate_id)
                ORDER BY h.version
                LIMIT at_most
            ) d
            WHERE l.sink_id = sink.sink_id
            ORDER BY d.version
            LIMIT at_most)
    $$;

CREATE FUNCTION ${schema}.check_at_most(at_most integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 100000 THEN
            RAISE EXCEPTION 'at_most is %, expected 1 to 100000', coalesce(at_most::text, 'null')
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'One call is one transaction, in which no other act goes on: call it again for the rest.';
        END IF;
    END
    $$;

-- Says of a hot entry what keeps it and what to do; returns if there is no such one. The lanes are looked through one by
-- one, since the number alone is no prefix of the primary key.
CREATE FUNCTION ${schema}.refuse_hot_entry(entry_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        hot record;
    BEGIN
        SELECT r.sink, r.shard, r.obstacle, r.reason,
               (SELECT count(*)
                FROM (SELECT 1
                      FROM ${schema}.outbox_entry b
                      WHERE b.sink_id = l.sink_id AND b.shard = l.shard
                        AND b.sequence > l.floor AND b.sequence < e.sequence
                      LIMIT 1000) b) AS before
        INTO hot
        FROM ${schema}.lane l
        CROSS JOIN LATERAL (
            SELECT o.sequence
            FROM ${schema}.outbox_entry o
            WHERE o.sink_id = l.sink_id AND o.shard = l.shard
              AND o.sequence = greatest(entry_id, 0) - (SELECT c.epoch FROM ${schema}.control c) * 281474976710656
            LIMIT 1
        ) e
        JOIN ${schema}.lane_reason r ON r.sink_id = l.sink_id AND r.shard = l.shard;
        IF FOUND THEN
            RAISE EXCEPTION 'entry % was not tried yet, % others are before it in lane %/%: %',
                            entry_id, CASE WHEN hot.before < 1000 THEN hot.before::text ELSE '1000 or more' END,
                            hot.sink, hot.shard, hot.reason
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = CASE hot.obstacle
                          WHEN 'paused' THEN
                              format('It is tried without your doing after resume_sink(%L, why).', hot.sink)
                          WHEN 'uncarried' THEN
                              format('It is tried once a relay has sink %s in its configuration; if none ever will: discard_uncarried(%L, why).',
                                     hot.sink, hot.sink)
                          WHEN 'tripped' THEN
                              'It is tried without your doing once the secondary store answers; see the view sinks.'
                          WHEN 'unheld' THEN
                              'A living relay takes the lane by itself: within seconds, or a lease after its holder was killed.'
                          ELSE 'It is tried without your doing when its turn comes; only a dead entry is requeued or discarded.'
                      END;
        END IF;
    END
    $$;

-- The dead entry, locked; anything else is refused. The row is read after the wait for the lock, so what another session
-- or a relay did to it meanwhile is seen.
CREATE FUNCTION ${schema}.lock_dead_entry(entry_id bigint) RETURNS ${schema}.held_entry
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        entry     ${schema}.held_entry%ROWTYPE;
        discarded ${schema}.discarded_entry%ROWTYPE;
        first_id  bigint;
    BEGIN
        IF entry_id IS NULL THEN
            RAISE EXCEPTION 'the entry_id is null, expected one of the view stuck_entries'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT h.* INTO entry FROM ${schema}.held_entry h WHERE h.version = lock_dead_entry.entry_id FOR UPDATE;
        IF NOT FOUND THEN
            SELECT d.* INTO discarded FROM ${schema}.discarded_entry d WHERE d.version = lock_dead_entry.entry_id;
            IF FOUND THEN
                RAISE EXCEPTION 'entry % was discarded by % at %: %',
                                entry_id, discarded.discarded_by, date_trunc('second', discarded.discarded_at),
                                discarded.reason
                    USING ERRCODE = 'no_data_found',
                          HINT = 'Its row is in the view discarded; a new change of the aggregate is a new entry.';
            END IF;
            PERFORM ${schema}.refuse_hot_entry(entry_id);
            RAISE EXCEPTION 'there is no entry % here: it was applied or superseded meanwhile, or never existed', entry_id
                USING ERRCODE = 'no_data_found',
                      HINT = 'Look for its aggregate in the view stuck_entries.';
        ELSIF entry.state = 'backing_off' THEN
            RAISE EXCEPTION 'entry % is backing_off after % attempts, not dead: its next attempt is due at %',
                            entry_id, entry.attempts, date_trunc('second', entry.next_attempt_at)
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'It is tried without your doing. The view stuck_entries says if something keeps it.';
        ELSIF entry.state = 'blocked' THEN
            first_id := ${schema}.first_held(entry);
            RAISE EXCEPTION 'entry % is blocked, not dead: it waits for entry % of the same aggregate', entry_id, first_id
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = format('Cure entry %s; what waits for it follows by itself.', first_id);
        END IF;
        RETURN entry;
    END
    $$;

-- What the record tells of an entry.
CREATE FUNCTION ${schema}.entry_detail(entry ${schema}.held_entry) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT jsonb_build_object(
            'sink', (SELECT s.name FROM ${schema}.sink s WHERE s.sink_id = entry.sink_id),
            'aggregate_type', entry.aggregate_type,
            'aggregate_id', entry.aggregate_id,
            'attempts', entry.attempts,
            'error_class', entry.error_class,
            'error_message', entry.error_message)
    $$;

-- Behind a first entry that is tried, everything waits: a dead one with a fresh set of attempts, a newest one that was tried
-- in place of a dead first one with those it has.
CREATE FUNCTION ${schema}.block_behind(first_ids bigint[]) RETURNS bigint
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH blocked AS (
            UPDATE ${schema}.held_entry h
            SET state = 'blocked',
                next_attempt_at = NULL,
                attempts = CASE WHEN h.state = 'dead' THEN 0 ELSE h.attempts END,
                first_failed_at = CASE WHEN h.state = 'dead' THEN NULL ELSE h.first_failed_at END,
                unfinished = CASE WHEN h.state = 'dead' THEN 0 ELSE h.unfinished END,
                suspect = h.suspect AND h.state <> 'dead'
            FROM ${schema}.held_entry first
            WHERE first.version = ANY (first_ids) AND first.state = 'backing_off'
              AND h.sink_id = first.sink_id AND h.shard = first.shard
              AND h.aggregate_type = first.aggregate_type AND h.aggregate_id = first.aggregate_id
              AND h.version > first.version AND h.state <> 'blocked'
            RETURNING 1
        )
        SELECT count(*) FROM blocked
    $$;

-- first_failed_at starts anew with the attempts; the old error stays to be read until the next failure.
CREATE FUNCTION ${schema}.requeue_first(first_ids bigint[], OUT requeued bigint, OUT followed bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        UPDATE ${schema}.held_entry h
        SET state = 'backing_off',
            next_attempt_at = now(),
            attempts = 0,
            first_failed_at = NULL,
            unfinished = 0,
            suspect = false
        WHERE h.version = ANY (first_ids) AND h.state = 'dead';
        GET DIAGNOSTICS requeued = ROW_COUNT;
        followed := ${schema}.block_behind(first_ids);
    END
    $$;

-- What has become the first one of its aggregate is tried, else nobody would ever try it. An entry that a relay moves in
-- behind a discarded one at this very moment is seen by neither: that relay finds it because the version has risen.
CREATE FUNCTION ${schema}.free_first(first_ids bigint[], OUT freed bigint, OUT followed bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        UPDATE ${schema}.held_entry h
        SET state = 'backing_off', next_attempt_at = now()
        WHERE h.version = ANY (first_ids) AND h.state = 'blocked';
        GET DIAGNOSTICS freed = ROW_COUNT;
        followed := ${schema}.block_behind(first_ids);
    END
    $$;

CREATE FUNCTION ${schema}.discard_held(entry_ids bigint[], reason text) RETURNS bigint
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH taken AS (
            DELETE FROM ${schema}.held_entry h
            WHERE h.version = ANY (entry_ids)
            RETURNING h.*
        ), kept AS (
            INSERT INTO ${schema}.discarded_entry
                   (version, appended_at, held_at, first_failed_at, attempts, sink_id, shard, schema_version, operation,
                    aggregate_type, aggregate_id, payload_type, headers, payload, error_class, error_message,
                    discarded_by, reason)
            SELECT t.version, t.appended_at, t.held_at, t.first_failed_at, t.attempts, t.sink_id, t.shard,
                   t.schema_version, t.operation, t.aggregate_type, t.aggregate_id, t.payload_type, t.headers, t.payload,
                   t.error_class, t.error_message, (SELECT ${schema}.actor()), discard_held.reason
            FROM taken t
            RETURNING 1
        )
        SELECT count(*) FROM kept
    $$;

-- Only behind fence_uncarried: what a relay has claimed must not go. By place in the table, since nothing moves there.
CREATE FUNCTION ${schema}.discard_hot(sink ${schema}.sink, at_most bigint, reason text) RETURNS bigint
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH taken AS (
            DELETE FROM ${schema}.outbox_entry e
            WHERE e.ctid = ANY (ARRAY(
                SELECT o.ctid
                FROM ${schema}.outbox_entry o
                WHERE o.sink_id = sink.sink_id
                ORDER BY o.shard, o.sequence
                LIMIT at_most))
            RETURNING e.*
        ), kept AS (
            INSERT INTO ${schema}.discarded_entry
                   (version, appended_at, attempts, sink_id, shard, schema_version, operation,
                    aggregate_type, aggregate_id, payload_type, headers, payload, discarded_by, reason)
            SELECT c.epoch * 281474976710656 + t.sequence, t.appended_at, 0, t.sink_id, t.shard, t.schema_version, t.operation,
                   t.aggregate_type, t.aggregate_id, t.payload_type, t.headers, t.payload,
                   (SELECT ${schema}.actor()), discard_hot.reason
            FROM taken t
            CROSS JOIN ${schema}.control c
            RETURNING 1
        )
        SELECT count(*) FROM kept
    $$;

-- Makes sure that nobody works the lanes of a sink until this transaction ends. The rows of the lanes are locked first: a
-- relay that comes now waits there, with its lock, and claims what is left. One that was thought gone wakes up with an
-- outdated token and settles nothing. Only behind these locks it is known who lives.
CREATE FUNCTION ${schema}.fence_uncarried(sink ${schema}.sink) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        found_relay record;
        found_lease record;
    BEGIN
        UPDATE ${schema}.lane l SET fencing_token = l.fencing_token + 1 WHERE l.sink_id = sink.sink_id;
        SELECT r.relay_id, r.host INTO found_relay
        FROM ${schema}.relay r
        JOIN ${schema}.relay_sink rs ON rs.relay_id = r.relay_id
        WHERE rs.sink_id = sink.sink_id AND r.heartbeat_at + r.alive_for > now()
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'sink % is carried by relay % on %, expected no living relay to carry it',
                            sink.name, found_relay.relay_id, found_relay.host
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'Take the sink out of the configuration of every relay first, and see that the view sinks says 0 relays.';
        END IF;
        SELECT k.name, k.locked_by, k.lock_until AT TIME ZONE 'UTC' AS leased_until INTO found_lease
        FROM ${schema}.lane l
        JOIN ${schema}.shedlock k ON k.name = sink.name || '/' || l.shard
        WHERE l.sink_id = sink.sink_id AND k.lock_until > timezone('utc', now())
        ORDER BY k.lock_until DESC
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'lane % is leased to % until %, expected no living lease',
                            found_lease.name, found_lease.locked_by, date_trunc('second', found_lease.leased_until)
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'A relay may still be at work there. Try again after that time.';
        END IF;
    END
    $$;

CREATE FUNCTION ${schema}.requeue(entry_id bigint, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given    text := ${schema}.begin_act(reason);
        entry    ${schema}.held_entry%ROWTYPE := ${schema}.lock_dead_entry(entry_id);
        first_id bigint := ${schema}.first_held(entry);
    BEGIN
        -- A sink that is a log would get the two in the wrong order.
        IF first_id < requeue.entry_id THEN
            RAISE EXCEPTION 'entry % cannot go before entry % of the same aggregate, which is held too', entry_id, first_id
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = format('Requeue or discard entry %s first; a dead entry behind a requeued one is tried after it.', first_id);
        END IF;
        PERFORM ${schema}.requeue_first(ARRAY[entry_id]);
        PERFORM ${schema}.record_act('requeue', 'entry ' || entry_id, given, ${schema}.entry_detail(entry));
        RETURN entry_id;
    END
    $$;
COMMENT ON FUNCTION ${schema}.requeue(bigint, text) IS
    'Gives a dead entry a fresh set of attempts, from now on; refused unless it is the first held one of its aggregate. Returns entry_id.';

CREATE FUNCTION ${schema}.requeue_all(sink text, reason text, at_most integer DEFAULT 10000) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given      text := ${schema}.begin_act(reason);
        found_sink ${schema}.sink%ROWTYPE := ${schema}.lock_sink(sink);
        done       record;
    BEGIN
        PERFORM ${schema}.check_at_most(at_most);
        SELECT r.requeued, r.followed INTO done
        FROM ${schema}.requeue_first(${schema}.oldest_first_dead(found_sink, at_most)) r;
        PERFORM ${schema}.record_act('requeue_all', 'sink ' || found_sink.name, given,
                                     jsonb_build_object('requeued', done.requeued, 'followed_behind', done.followed));
        RETURN done.requeued;
    END
    $$;
COMMENT ON FUNCTION ${schema}.requeue_all(text, text, integer) IS
    'requeue for the dead entries of a sink that are the first of their aggregates, oldest first, up to at_most of them; dead ones behind them follow. Returns how many first ones: call it until that is less than at_most.';

CREATE FUNCTION ${schema}.discard(entry_id bigint, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given   text := ${schema}.begin_act(reason);
        entry   ${schema}.held_entry%ROWTYPE := ${schema}.lock_dead_entry(entry_id);
        next_id bigint;
    BEGIN
        PERFORM ${schema}.discard_held(ARRAY[entry_id], given);
        next_id := ${schema}.first_held(entry);
        PERFORM ${schema}.free_first(ARRAY[next_id]);
        PERFORM ${schema}.record_act('discard', 'entry ' || entry_id, given,
                                     ${schema}.entry_detail(entry) || jsonb_build_object('next_entry', next_id));
        RETURN entry_id;
    END
    $$;
COMMENT ON FUNCTION ${schema}.discard(bigint, text) IS
    'Takes a dead entry out for good, into discarded_entry, and marks its aggregate for repair; what waited for it goes on. Returns entry_id.';

-- The entries of a bulk act, locked in the order of their versions, so that two sessions cannot wait for each other. All of
-- them must be fit; what keeps the first that is not is told in the words of the single act, with which others there are.
CREATE FUNCTION ${schema}.lock_dead_entries(entry_ids bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        named    bigint := cardinality(entry_ids);
        twice    bigint;
        fit      bigint[];
        unfit    bigint[];
        problem  text;
        code     text;
        next_act text;
    BEGIN
        IF named IS NULL OR named NOT BETWEEN 1 AND 10000 THEN
            RAISE EXCEPTION 'the entry_ids are %, expected 1 to 10000 of the view stuck_entries',
                            CASE WHEN named IS NULL THEN 'null' WHEN named = 0 THEN 'empty' ELSE named::text END
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'One call is one transaction, in which no other act goes on. Call it again for the rest, or name a sink: requeue_all.';
        END IF;
        IF EXISTS (SELECT FROM unnest(entry_ids) AS i (id) WHERE i.id IS NULL) THEN
            RAISE EXCEPTION 'one of the entry_ids is null, expected ids of the view stuck_entries'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT i.id INTO twice FROM unnest(entry_ids) AS i (id) GROUP BY i.id HAVING count(*) > 1 ORDER BY i.id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'entry % is named twice', twice
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'Name each entry once: the number that is returned is that of the entries.';
        END IF;
        fit := ARRAY(
            SELECT h.version
            FROM ${schema}.held_entry h
            WHERE h.version = ANY (entry_ids)
            ORDER BY h.version
            FOR UPDATE);
        -- Read again: a relay may have changed one that was waited for.
        fit := ARRAY(SELECT h.version FROM ${schema}.held_entry h WHERE h.version = ANY (fit) AND h.state = 'dead');
        IF cardinality(fit) < named THEN
            unfit := ARRAY(SELECT i.id FROM unnest(entry_ids) AS i (id)
                           WHERE NOT EXISTS (SELECT 1 FROM unnest(fit) AS f (id) WHERE f.id = i.id) ORDER BY i.id);
            BEGIN
                PERFORM ${schema}.lock_dead_entry(unfit[1]);
            EXCEPTION
                WHEN invalid_parameter_value OR no_data_found THEN
                    GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, code = RETURNED_SQLSTATE, next_act = PG_EXCEPTION_HINT;
            END;
            RAISE EXCEPTION '%', coalesce(problem, format('entry %s has changed this very moment', unfit[1]))
                USING ERRCODE = coalesce(code, '22023'),
                      DETAIL = format('Nothing was changed: %s of %s entries are not dead: %s%s', cardinality(unfit), named,
                                      array_to_string(unfit[1:20], ', '),
                                      CASE WHEN cardinality(unfit) > 20 THEN ', …' ELSE '' END),
                      HINT = coalesce(nullif(next_act, ''), 'Call it again.');
        END IF;
    END
    $$;

-- What the record tells of a bulk act, and so what a preview shows: it makes the act, reads this, and rolls back.
CREATE FUNCTION ${schema}.bulk_detail(entry_ids bigint[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT jsonb_build_object(
            'entries', cardinality(entry_ids),
            'aggregates', (SELECT count(*)
                           FROM (SELECT DISTINCT h.sink_id, h.aggregate_type, h.aggregate_id
                                 FROM ${schema}.held_entry h
                                 WHERE h.version = ANY (entry_ids)) a),
            'sinks', (SELECT jsonb_object_agg(n.sink, n.entries)
                      FROM (SELECT coalesce(s.name, '#' || h.sink_id) AS sink, count(*) AS entries
                            FROM ${schema}.held_entry h
                            LEFT JOIN ${schema}.sink s ON s.sink_id = h.sink_id
                            WHERE h.version = ANY (entry_ids)
                            GROUP BY 1) n),
            'first_ids', (SELECT jsonb_agg(i.id ORDER BY i.id)
                          FROM (SELECT u.id FROM unnest(entry_ids) AS u (id) ORDER BY u.id LIMIT 20) i))
    $$;

CREATE FUNCTION ${schema}.requeue_some(entry_ids bigint[], reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given     text := ${schema}.begin_act(reason);
        first_ids bigint[];
        before    record;
        detail    jsonb;
        done      record;
    BEGIN
        PERFORM ${schema}.lock_dead_entries(entry_ids);
        first_ids := ARRAY(
            SELECT min(h.version)
            FROM ${schema}.held_entry h
            WHERE h.version = ANY (entry_ids)
            GROUP BY h.sink_id, h.shard, h.aggregate_type, h.aggregate_id);
        SELECT h.version, first.version AS first_id INTO before
        FROM ${schema}.held_entry h
        CROSS JOIN LATERAL (
            SELECT f.version
            FROM ${schema}.held_entry f
            WHERE f.sink_id = h.sink_id AND f.shard = h.shard
              AND f.aggregate_type = h.aggregate_type AND f.aggregate_id = h.aggregate_id
            ORDER BY f.version
            LIMIT 1
        ) first
        WHERE h.version = ANY (first_ids) AND first.version < h.version
        ORDER BY h.version
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'entry % cannot go before entry % of the same aggregate, which is held too',
                            before.version, before.first_id
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = format('Requeue entry %s with it, or discard that first; dead entries behind a requeued one are tried after it.',
                                    before.first_id);
        END IF;
        detail := ${schema}.bulk_detail(entry_ids);
        SELECT r.requeued, r.followed INTO done FROM ${schema}.requeue_first(first_ids) r;
        -- Those behind a first one, named or not: they wait for it, dead ones with fresh attempts.
        PERFORM ${schema}.record_act('requeue_some', 'entries ' || cardinality(entry_ids), given,
                                     detail || jsonb_build_object('tried_now', done.requeued,
                                                                  'followed_behind', done.followed));
        RETURN cardinality(entry_ids);
    END
    $$;
COMMENT ON FUNCTION ${schema}.requeue_some(bigint[], text) IS
    'requeue for up to 10,000 entries, all or none; of each aggregate the first held one must be among them, the others follow it. Returns how many were named.';

CREATE FUNCTION ${schema}.discard_some(entry_ids bigint[], reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given    text := ${schema}.begin_act(reason);
        detail   jsonb;
        next_ids bigint[];
        done     record;
    BEGIN
        PERFORM ${schema}.lock_dead_entries(entry_ids);
        detail := ${schema}.bulk_detail(entry_ids);
        PERFORM ${schema}.discard_held(entry_ids, given);
        next_ids := ARRAY(
            SELECT next.version
            FROM (SELECT DISTINCT d.sink_id, d.shard, d.aggregate_type, d.aggregate_id
                  FROM ${schema}.discarded_entry d
                  WHERE d.version = ANY (entry_ids)) a
            CROSS JOIN LATERAL (
                SELECT h.version
                FROM ${schema}.held_entry h
                WHERE h.sink_id = a.sink_id AND h.shard = a.shard
                  AND h.aggregate_type = a.aggregate_type AND h.aggregate_id = a.aggregate_id
                ORDER BY h.version
                LIMIT 1
            ) next);
        -- Not where the first one is another dead one, nor where it was tried all along.
        SELECT f.freed, f.followed INTO done FROM ${schema}.free_first(next_ids) f;
        PERFORM ${schema}.record_act('discard_some', 'entries ' || cardinality(entry_ids), given,
                                     detail || jsonb_build_object('aggregates_that_go_on', done.freed,
                                                                  'followed_behind', done.followed));
        RETURN cardinality(entry_ids);
    END
    $$;
COMMENT ON FUNCTION ${schema}.discard_some(bigint[], text) IS
    'discard for up to 10,000 entries, all or none; what waited for them goes on. Returns how many.';

CREATE FUNCTION ${schema}.discard_uncarried(sink text, reason text, at_most integer DEFAULT 10000) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given      text := ${schema}.begin_act(reason);
        found_sink ${schema}.sink%ROWTYPE := ${schema}.lock_sink(sink);
        held       bigint;
        hot        bigint;
    BEGIN
        PERFORM ${schema}.check_at_most(at_most);
        PERFORM ${schema}.fence_uncarried(found_sink);
        held := ${schema}.discard_held(ARRAY(
            SELECT h.version
            FROM ${schema}.held_entry h
            WHERE h.sink_id = found_sink.sink_id
            ORDER BY h.version
            LIMIT at_most), given);
        PERFORM ${schema}.free_first(${schema}.all_first_held(found_sink, 'blocked'));
        hot := ${schema}.discard_hot(found_sink, at_most - held, given);
        PERFORM ${schema}.record_act('discard_uncarried', 'sink ' || found_sink.name, given,
                                     jsonb_build_object('held', held, 'hot', hot));
        RETURN held + hot;
    END
    $$;
COMMENT ON FUNCTION ${schema}.discard_uncarried(text, text, integer) IS
    'Takes entries of a sink out for good, into discarded_entry, held ones first, then lane by lane; refused while a relay carries it. Returns how many: call it until that is 0.';

CREATE FUNCTION ${schema}.pause_sink(sink text, reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given      text := ${schema}.begin_act(reason);
        found_sink ${schema}.sink%ROWTYPE := ${schema}.lock_sink(sink);
    BEGIN
        IF found_sink.paused_at IS NOT NULL THEN
            RAISE EXCEPTION 'sink % is paused already, since % by %: %',
                            found_sink.name, date_trunc('second', found_sink.paused_at), found_sink.paused_by,
                            found_sink.paused_reason
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'Whoever resumes it ends that pause: ask before you do.';
        END IF;
        UPDATE ${schema}.sink s
        SET paused_at = clock_timestamp(), paused_by = ${schema}.actor(), paused_reason = given
        WHERE s.sink_id = found_sink.sink_id;
        PERFORM ${schema}.record_act('pause_sink', 'sink ' || found_sink.name, given, '{}');
        RETURN found_sink.name;
    END
    $$;
COMMENT ON FUNCTION ${schema}.pause_sink(text, text) IS
    'Stops applying to a sink, on every relay, until a person resumes it; services go on appending. Returns the sink.';

CREATE FUNCTION ${schema}.resume_sink(sink text, reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        given      text := ${schema}.begin_act(reason);
        found_sink ${schema}.sink%ROWTYPE := ${schema}.lock_sink(sink);
        resumed    ${schema}.audit_entry%ROWTYPE;
    BEGIN
        IF found_sink.paused_at IS NULL THEN
            SELECT a.* INTO resumed
            FROM ${schema}.audit_entry a
            WHERE a.action = 'resume_sink' AND a.subject = 'sink ' || found_sink.name
            ORDER BY a.audit_id DESC
            LIMIT 1;
            RAISE EXCEPTION 'sink % is not paused: %', found_sink.name,
                            CASE WHEN resumed.audit_id IS NULL THEN 'it never was'
                                 ELSE format('resumed at %s by %s: %s', date_trunc('second', resumed.at),
                                             resumed.actor, resumed.reason)
                            END
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'If nothing is applied, look at the view sinks: one that is tripped goes on by itself once its store answers.';
        END IF;
        UPDATE ${schema}.sink s
        SET paused_at = NULL, paused_by = NULL, paused_reason = NULL
        WHERE s.sink_id = found_sink.sink_id;
        PERFORM ${schema}.record_act('resume_sink', 'sink ' || found_sink.name, given, jsonb_build_object(
            'paused_at', found_sink.paused_at,
            'paused_by', found_sink.paused_by,
            'paused_reason', found_sink.paused_reason));
        RETURN found_sink.name;
    END
    $$;
COMMENT ON FUNCTION ${schema}.resume_sink(text, text) IS 'Starts applying to a paused sink again, on every relay. Returns the sink.';

-- The record and the discarded entries are kept for a time only. Called by relays, every few minutes, a bounded number of rows
-- each time, one session at a time, in no lock that another act or a claim waits for. Not an act of a person, so neither the
-- version rises nor is a reason asked for; but a record that gets shorter says so: the purges of a day are a row of it.
CREATE FUNCTION ${schema}.check_purge(older_than interval, kept_at_least interval, at_most integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF older_than IS NULL OR now() - older_than > now() - kept_at_least THEN
            RAISE EXCEPTION 'older_than is %, expected at least %', coalesce(older_than::text, 'null'),
                            kept_at_least
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = CASE WHEN kept_at_least > interval '1 day' THEN
                                      'That is audit_kept_at_least of the table control, which the owner of the schema may change.'
                                  ELSE 'What was done in the last day is looked into now.'
                             END;
        END IF;
        IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 100000 THEN
            RAISE EXCEPTION 'at_most is %, expected 1 to 100000', coalesce(at_most::text, 'null')
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'One call is one transaction: call it again for the rest.';
        END IF;
    END
    $$;

CREATE FUNCTION ${schema}.record_purge(action text, older_than interval, purged bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        -- One purge at a time gets here, so none is counted twice or lost.
        UPDATE ${schema}.audit_entry a
        SET detail = a.detail || jsonb_build_object('purged', (a.detail->>'purged')::bigint + record_purge.purged)
        WHERE a.audit_id = (SELECT max(t.audit_id)
                            FROM ${schema}.audit_entry t
                            WHERE t.at > now() - interval '1 day' AND t.action = record_purge.action
                              AND t.actor = ${schema}.actor()
                              AND t.detail->>'older_than' = record_purge.older_than::text);
        IF NOT FOUND THEN
            INSERT INTO ${schema}.audit_entry (actor, action, subject, reason, detail)
            VALUES (${schema}.actor(), record_purge.action, 'record', 'retention',
                    jsonb_build_object('older_than', older_than::text, 'before', now() - older_than,
                                       'purged', record_purge.purged));
        END IF;
    END
    $$;

CREATE FUNCTION ${schema}.purge_audit(older_than interval, at_most integer DEFAULT 1000) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        purged bigint;
    BEGIN
        PERFORM ${schema}.check_purge(older_than, (SELECT c.audit_kept_at_least FROM ${schema}.control c), at_most);
        IF NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.purge', 0)) THEN
            RETURN 0;
        END IF;
        DELETE FROM ${schema}.audit_entry a
        WHERE a.audit_id = ANY (ARRAY(
            SELECT o.audit_id
            FROM ${schema}.audit_entry o
            WHERE o.at < now() - older_than
            ORDER BY o.at
            LIMIT at_most));
        GET DIAGNOSTICS purged = ROW_COUNT;
        IF purged > 0 THEN
            PERFORM ${schema}.record_purge('purge_audit', older_than, purged);
        END IF;
        RETURN purged;
    END
    $$;
COMMENT ON FUNCTION ${schema}.purge_audit(interval, integer) IS
    'Removes the oldest rows of the record, those older than this, at least control.audit_kept_at_least; relays call it. Returns how many: 0 too while another session is at it.';

CREATE FUNCTION ${schema}.purge_discarded(older_than interval, at_most integer DEFAULT 1000) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        purged bigint;
    BEGIN
        PERFORM ${schema}.check_purge(older_than, interval '1 day', at_most);
        IF NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.purge', 0)) THEN
            RETURN 0;
        END IF;
        -- Repaired or not: the payload is data of persons, and a repair compares the stores, not this row.
        DELETE FROM ${schema}.discarded_entry d
        WHERE d.version = ANY (ARRAY(
            SELECT o.version
            FROM ${schema}.discarded_entry o
            WHERE o.discarded_at < now() - older_than
            ORDER BY o.discarded_at
            LIMIT at_most));
        GET DIAGNOSTICS purged = ROW_COUNT;
        IF purged > 0 THEN
            PERFORM ${schema}.record_purge('purge_discarded', older_than, purged);
        END IF;
        RETURN purged;
    END
    $$;
COMMENT ON FUNCTION ${schema}.purge_discarded(interval, integer) IS
    'Removes the discarded entries that were given up longer ago than this, at least a day, repaired or not; relays call it. Returns how many: 0 too while another session is at it.';

-- The parts.
COMMENT ON FUNCTION ${schema}.one_line(text) IS 'Part of the acts: what a person typed, as one line.';
COMMENT ON FUNCTION ${schema}.actor() IS 'Part of the acts: who acts.';
COMMENT ON FUNCTION ${schema}.begin_act(text) IS
    'Part of the acts: lets one through at a time, and tells the relays.';
COMMENT ON FUNCTION ${schema}.record_act(text, text, text, jsonb) IS 'Part of the acts: writes the row on record.';
COMMENT ON FUNCTION ${schema}.lock_sink(text) IS
    'Part of the acts: the sink of this name, locked; refused if there is none.';
COMMENT ON FUNCTION ${schema}.first_held(${schema}.held_entry) IS
    'Part of the acts: the first held entry of the aggregate of this one.';
COMMENT ON FUNCTION ${schema}.all_first_held(${schema}.sink, text) IS
    'Part of the acts: the first held entries of all aggregates of a sink, those in this state.';
COMMENT ON FUNCTION ${schema}.oldest_first_dead(${schema}.sink, integer) IS
    'Part of the acts: the first held entries of the aggregates of a sink, so many dead ones.';
COMMENT ON FUNCTION ${schema}.check_at_most(integer) IS 'Part of the acts: refuses a bound that is none.';
COMMENT ON FUNCTION ${schema}.refuse_hot_entry(bigint) IS
    'Part of the acts: says of an entry that was not tried yet what keeps it.';
COMMENT ON FUNCTION ${schema}.lock_dead_entry(bigint) IS
    'Part of the acts: the dead entry, locked; anything else is refused.';
COMMENT ON FUNCTION ${schema}.lock_dead_entries(bigint[]) IS
    'Part of the acts: the dead entries, locked; refused if one is anything else.';
COMMENT ON FUNCTION ${schema}.bulk_detail(bigint[]) IS 'Part of the acts: what the record tells of many entries.';
COMMENT ON FUNCTION ${schema}.entry_detail(${schema}.held_entry) IS
    'Part of the acts: what the record tells of an entry.';
COMMENT ON FUNCTION ${schema}.block_behind(bigint[]) IS
    'Part of the acts: what stands behind a first entry that is tried waits for it.';
COMMENT ON FUNCTION ${schema}.requeue_first(bigint[]) IS
    'Part of the acts: gives first entries a fresh set of attempts.';
COMMENT ON FUNCTION ${schema}.free_first(bigint[]) IS
    'Part of the acts: what has become the first of its aggregate is tried.';
COMMENT ON FUNCTION ${schema}.discard_held(bigint[], text) IS
    'Part of the acts: moves held entries into discarded_entry.';
COMMENT ON FUNCTION ${schema}.discard_hot(${schema}.sink, bigint, text) IS
    'Part of the acts: moves entries that were never tried into discarded_entry.';
COMMENT ON FUNCTION ${schema}.fence_uncarried(${schema}.sink) IS
    'Part of the acts: makes sure that nobody works the lanes of a sink.';
COMMENT ON FUNCTION ${schema}.check_purge(interval, interval, integer) IS 'Part of the purges: refuses nonsense.';
COMMENT ON FUNCTION ${schema}.record_purge(text, interval, bigint) IS 'Part of the purges: a row on record, one a day, with how many went.';

-- Whoever may use the schema could call them otherwise: PUBLIC is the default. Who may, see docs/reference/grants.md.
REVOKE EXECUTE ON FUNCTION
    ${schema}.oldest_stuck(text, text, integer, bigint),
    ${schema}.one_line(text),
    ${schema}.actor(),
    ${schema}.begin_act(text),
    ${schema}.record_act(text, text, text, jsonb),
    ${schema}.lock_sink(text),
    ${schema}.first_held(${schema}.held_entry),
    ${schema}.all_first_held(${schema}.sink, text),
    ${schema}.oldest_first_dead(${schema}.sink, integer),
    ${schema}.check_at_most(integer),
    ${schema}.refuse_hot_entry(bigint),
    ${schema}.lock_dead_entry(bigint),
    ${schema}.entry_detail(${schema}.held_entry),
    ${schema}.block_behind(bigint[]),
    ${schema}.requeue_first(bigint[]),
    ${schema}.free_first(bigint[]),
    ${schema}.discard_held(bigint[], text),
    ${schema}.discard_hot(${schema}.sink, bigint, text),
    ${schema}.fence_uncarried(${schema}.sink),
    ${schema}.requeue(bigint, text),
    ${schema}.requeue_all(text, text, integer),
    ${schema}.discard(bigint, text),
    ${schema}.lock_dead_entries(bigint[]),
    ${schema}.bulk_detail(bigint[]),
    ${schema}.requeue_some(bigint[], text),
    ${schema}.discard_some(bigint[], text),
    ${schema}.discard_uncarried(text, text, integer),
    ${schema}.pause_sink(text, text),
    ${schema}.resume_sink(text, text),
    ${schema}.check_purge(interval, interval, integer),
    ${schema}.record_purge(text, interval, bigint),
    ${schema}.purge_audit(interval, integer),
    ${schema}.purge_discarded(interval, integer)
FROM PUBLIC;

UPDATE ${schema}.control SET schema_version = 3;
