-- Back to V2. What is lost: the record of what people did, and the entries they discarded. Resume paused sinks first: without
-- these functions a pause is ended by UPDATE ${schema}.sink only.
-- ${schema} is dualwrite.schema.name.
DROP FUNCTION ${schema}.purge_discarded(interval, integer);
DROP FUNCTION ${schema}.purge_audit(interval, integer);
DROP FUNCTION ${schema}.record_purge(text, interval, bigint);
DROP FUNCTION ${schema}.check_purge(interval, interval, integer);
DROP FUNCTION ${schema}.resume_sink(text, text);
DROP FUNCTION ${schema}.pause_sink(text, text);
DROP FUNCTION ${schema}.discard_uncarried(text, text, integer);
DROP FUNCTION ${schema}.discard_some(bigint[], text);
DROP FUNCTION ${schema}.requeue_some(bigint[], text);
DROP FUNCTION ${schema}.bulk_detail(bigint[]);
DROP FUNCTION ${schema}.lock_dead_entries(bigint[]);
DROP FUNCTION ${schema}.discard(bigint, text);
DROP FUNCTION ${schema}.requeue_all(text, text, integer);
DROP FUNCTION ${schema}.requeue(bigint, text);
DROP FUNCTION ${schema}.fence_uncarried(${schema}.sink);
DROP FUNCTION ${schema}.discard_hot(${schema}.sink, bigint, text);
DROP FUNCTION ${schema}.discard_held(bigint[], text);
DROP FUNCTION ${schema}.free_first(bigint[]);
DROP FUNCTION ${schema}.requeue_first(bigint[]);
DROP FUNCTION ${schema}.block_behind(bigint[]);
DROP FUNCTION ${schema}.entry_detail(${schema}.held_entry);
DROP FUNCTION ${schema}.lock_dead_entry(bigint);
DROP FUNCTION ${schema}.refuse_hot_entry(bigint);
DROP FUNCTION ${schema}.check_at_most(integer);
DROP FUNCTION ${schema}.oldest_first_dead(${schema}.sink, integer);
DROP FUNCTION ${schema}.all_first_held(${schema}.sink, text);
DROP FUNCTION ${schema}.first_held(${schema}.held_entry);
DROP FUNCTION ${schema}.lock_sink(text);
DROP FUNCTION ${schema}.record_act(text, text, text, jsonb);
DROP FUNCTION ${schema}.begin_act(text);
DROP FUNCTION ${schema}.actor();
DROP FUNCTION ${schema}.one_line(text);
DROP FUNCTION ${schema}.oldest_stuck(text, text, integer, bigint);
DROP VIEW ${schema}.stuck_entries;
DROP VIEW ${schema}.lane_reason;
DROP VIEW ${schema}.backlog;
DROP VIEW ${schema}.sinks;
DROP VIEW ${schema}.relays;
DROP VIEW ${schema}.shards;
DROP VIEW ${schema}.discarded;
DROP VIEW ${schema}.audit;
DROP TABLE ${schema}.discarded_entry;
DROP TABLE ${schema}.audit_entry;
ALTER TABLE ${schema}.control DROP COLUMN audit_kept_at_least;

CREATE VIEW ${schema}.stuck_entries AS
SELECT h.version AS entry_id,
       s.name AS sink,
       h.aggregate_type,
       h.aggregate_id,
       CASE WHEN h.state = 'backing_off' THEN 'overdue' ELSE h.state END AS state,
       h.attempts,
       h.first_failed_at,
       h.next_attempt_at,
       h.error_class,
       h.error_message,
       now() - h.appended_at AS age,
       CASE WHEN h.state = 'blocked' THEN
           (SELECT min(b.version)
            FROM ${schema}.held_entry b
            WHERE b.sink_id = h.sink_id
              AND b.shard = h.shard
              AND b.aggregate_type = h.aggregate_type
              AND b.aggregate_id = h.aggregate_id)
       END AS blocked_by
FROM ${schema}.held_entry h
JOIN ${schema}.sink s ON s.sink_id = h.sink_id
UNION ALL
SELECT c.epoch * 281474976710656 + e.sequence,
       s.name,
       e.aggregate_type,
       e.aggregate_id,
       'overdue',
       0,
       NULL,
       NULL,
       NULL,
       'not applied for a minute: its sink is paused, or no relay that is alive carries it',
       now() - e.appended_at,
       NULL
FROM ${schema}.outbox_entry e
JOIN ${schema}.sink s ON s.sink_id = e.sink_id
CROSS JOIN ${schema}.control c
WHERE e.appended_at < now() - interval '1 minute';
COMMENT ON VIEW ${schema}.stuck_entries IS
    'Entries that do not get on, with the reason: dead (waits for a person), overdue (will be tried again), blocked (behind one of them).';

CREATE VIEW ${schema}.backlog AS
SELECT s.name AS sink,
       hot.entries + held.entries AS entries,
       hot.entries >= 100000 AS estimated,
       least(hot.oldest, held.oldest) AS oldest_appended_at,
       coalesce(extract(epoch FROM now() - least(hot.oldest, held.oldest)), 0)::numeric(20, 3) AS lag_seconds,
       held.blocked,
       held.dead
FROM ${schema}.sink s
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, min(e.appended_at) AS oldest
    FROM (SELECT e.appended_at FROM ${schema}.outbox_entry e WHERE e.sink_id = s.sink_id LIMIT 100000) e
) hot
CROSS JOIN LATERAL (
    SELECT count(*) AS entries,
           min(h.appended_at) AS oldest,
           count(*) FILTER (WHERE h.state = 'blocked') AS blocked,
           count(*) FILTER (WHERE h.state = 'dead') AS dead
    FROM ${schema}.held_entry h
    WHERE h.sink_id = s.sink_id
) held;
COMMENT ON VIEW ${schema}.backlog IS 'For each sink: how many entries are not applied, and how old the oldest is. Counted up to 100,000.';

UPDATE ${schema}.control SET schema_version = 2;
