-- The outbox of one service: entries, lanes, leases, held entries, and what a person looks at.
-- Lock taken: none that a running service could notice (only new objects). Run time: milliseconds.
-- Undo: ../undo/V1__outbox.sql
-- ${schema} is dualwrite.schema.name, ${shardCount} is dualwrite.shard-count at the time of the installation.

CREATE TABLE ${schema}.control (
    only_row       boolean     NOT NULL DEFAULT true,
    schema_version integer     NOT NULL,
    shard_count    integer     NOT NULL,
    epoch          integer     NOT NULL DEFAULT 0,
    version        bigint      NOT NULL DEFAULT 0,
    installed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT control_pkey PRIMARY KEY (only_row),
    CONSTRAINT control_has_one_row CHECK (only_row),
    CONSTRAINT control_shard_count_in_range CHECK (shard_count BETWEEN 1 AND 1024),
    CONSTRAINT control_epoch_in_range CHECK (epoch BETWEEN 0 AND 32767)
);
COMMENT ON TABLE ${schema}.control IS 'One row: what every process that uses this schema must agree on.';
COMMENT ON COLUMN ${schema}.control.only_row IS 'Always true: there is no second row.';
COMMENT ON COLUMN ${schema}.control.installed_at IS 'When the outbox was installed.';
COMMENT ON COLUMN ${schema}.control.schema_version IS 'Number of the last migration file applied.';
COMMENT ON COLUMN ${schema}.control.shard_count IS 'Fixed at install: the shard of every entry was computed with it.';
COMMENT ON COLUMN ${schema}.control.epoch IS 'Stands above the sequence in a version; rises when the primary may have forgotten numbers.';
COMMENT ON COLUMN ${schema}.control.version IS 'Raised by every act of a person that relays must notice at once.';

INSERT INTO ${schema}.control (schema_version, shard_count)
VALUES (1, ${shardCount});

-- CACHE 1: a session that kept numbers aside would hand out small ones late, and order would be lost.
-- The largest number leaves room for the epoch above it in one bigint.
CREATE SEQUENCE ${schema}.entry_sequence AS bigint MINVALUE 1 MAXVALUE 281474976710655 NO CYCLE CACHE 1;
COMMENT ON SEQUENCE ${schema}.entry_sequence IS 'The numbers of entries, in the order in which they were appended.';

CREATE TABLE ${schema}.sink (
    sink_id       smallint    NOT NULL,
    name          text        NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sink_pkey PRIMARY KEY (sink_id),
    CONSTRAINT sink_name_unique UNIQUE (name),
    CONSTRAINT sink_name_valid CHECK (name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,49}$')
);
COMMENT ON TABLE ${schema}.sink IS 'The number of each sink; entries carry the number, it is shorter than the name.';
COMMENT ON COLUMN ${schema}.sink.sink_id IS
    'The number that entries and lanes carry; never given to another sink.';
COMMENT ON COLUMN ${schema}.sink.name IS 'As in the configuration.';
COMMENT ON COLUMN ${schema}.sink.registered_at IS
    'First start of a process that had it in its configuration.';

-- The hot table: fresh work only. One insert and one delete an entry, no update, so no status column and one index.
-- Column order: eight-byte columns first, then two-byte ones, then texts: no padding.
-- Texts that are nearly always absent are empty, not null: one byte each, while a null bitmap for them would widen the head
-- of every row by eight. Of an upsert, no column is null.
-- xid stands before sequence because defaults are computed in column order: the transaction id must be assigned before
-- the number is drawn, the floor of a lane rests on that (docs/explanation/protocol.md).
CREATE TABLE ${schema}.outbox_entry (
    xid            xid8        NOT NULL DEFAULT pg_current_xact_id(),
    sequence       bigint      NOT NULL DEFAULT nextval('${schema}.entry_sequence'),
    appended_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
    sink_id        smallint    NOT NULL,
    shard          smallint    NOT NULL,
    schema_version smallint    NOT NULL,
    operation      "char"      NOT NULL,
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    payload_type   text        NOT NULL DEFAULT '',
    headers        text        NOT NULL DEFAULT '',
    payload        bytea,
    CONSTRAINT outbox_entry_pkey PRIMARY KEY (sink_id, shard, sequence),
    CONSTRAINT outbox_entry_operation_known CHECK (operation IN ('U', 'D', 'R')),
    -- What Java would refuse to read: one such row, written by hand, would stop its lane.
    -- Lengths are counted outside the expressions: one that is bounded to 100 takes 4 microseconds an entry, not 0.3.
    CONSTRAINT outbox_entry_aggregate_type_valid CHECK (aggregate_type !~ '[:[:cntrl:]]' AND length(aggregate_type) BETWEEN 1 AND 100),
    CONSTRAINT outbox_entry_aggregate_id_valid CHECK (aggregate_id !~ '[[:cntrl:]]' AND length(aggregate_id) BETWEEN 1 AND 1000),
    CONSTRAINT outbox_entry_upsert_has_payload CHECK ((operation = 'U') = (payload IS NOT NULL))
) WITH (
    -- Every row dies within seconds: vacuum by number of dead rows, not by a share of a table that is nearly empty.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 1000000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 100000,
    autovacuum_vacuum_cost_delay = 0
);
COMMENT ON TABLE ${schema}.outbox_entry IS 'Entries that wait for their first attempt.';
COMMENT ON COLUMN ${schema}.outbox_entry.xid IS 'The transaction that appended it.';
COMMENT ON COLUMN ${schema}.outbox_entry.sequence IS
    'The number of the entry; with the epoch above it, its version.';
COMMENT ON COLUMN ${schema}.outbox_entry.appended_at IS 'When the statement began that appended it.';
COMMENT ON COLUMN ${schema}.outbox_entry.sink_id IS 'The sink it goes to.';
COMMENT ON COLUMN ${schema}.outbox_entry.shard IS 'The lane of that sink, computed from the aggregate.';
COMMENT ON COLUMN ${schema}.outbox_entry.schema_version IS 'Version of the form of the payload.';
COMMENT ON COLUMN ${schema}.outbox_entry.operation IS
    'U upsert; D delete; R reference: the relay loads the state.';
COMMENT ON COLUMN ${schema}.outbox_entry.aggregate_type IS 'Type of the aggregate that changed.';
COMMENT ON COLUMN ${schema}.outbox_entry.aggregate_id IS 'Which aggregate of that type.';
COMMENT ON COLUMN ${schema}.outbox_entry.payload_type IS 'Logical type of the payload; empty where it is the aggregate type.';
COMMENT ON COLUMN ${schema}.outbox_entry.headers IS 'name=value pairs, percent-encoded, joined by an ampersand; empty if there are none.';
COMMENT ON COLUMN ${schema}.outbox_entry.payload IS
    'The full state, as the service wrote it; absent unless the operation is U.';

CREATE TABLE ${schema}.lane (
    fencing_token bigint   NOT NULL DEFAULT 0,
    floor         bigint   NOT NULL DEFAULT 0,
    sink_id       smallint NOT NULL,
    shard         smallint NOT NULL,
    holder        uuid,
    CONSTRAINT lane_pkey PRIMARY KEY (sink_id, shard),
    CONSTRAINT lane_sink_fkey FOREIGN KEY (sink_id) REFERENCES ${schema}.sink (sink_id),
    CONSTRAINT lane_floor_not_negative CHECK (floor >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE ${schema}.lane IS 'One row for each sink and shard: who may settle there, and where a claim starts.';
COMMENT ON COLUMN ${schema}.lane.sink_id IS 'The sink.';
COMMENT ON COLUMN ${schema}.lane.shard IS 'The shard, from 0 on.';
COMMENT ON COLUMN ${schema}.lane.fencing_token IS 'Rises with each holder; a settle that carries an older one does nothing.';
COMMENT ON COLUMN ${schema}.lane.floor IS 'Every entry up to this sequence is settled, and none below can appear any more.';

-- The table that ShedLock defines; the names of the locks are <sink>/<shard>.
CREATE TABLE ${schema}.shedlock (
    name       text      NOT NULL,
    lock_until timestamp NOT NULL,
    locked_at  timestamp NOT NULL,
    locked_by  text      NOT NULL,
    CONSTRAINT shedlock_pkey PRIMARY KEY (name)
) WITH (fillfactor = 50);
COMMENT ON TABLE ${schema}.shedlock IS 'The leases on lanes, as ShedLock keeps them; a row a lane, never deleted.';
COMMENT ON COLUMN ${schema}.shedlock.name IS '<sink>/<shard>.';
COMMENT ON COLUMN ${schema}.shedlock.lock_until IS 'When the lease ends, in UTC.';
COMMENT ON COLUMN ${schema}.shedlock.locked_at IS 'When it was taken, in UTC.';
COMMENT ON COLUMN ${schema}.shedlock.locked_by IS 'The relay that holds it.';

CREATE TABLE ${schema}.held_entry (
    version         bigint      NOT NULL,
    appended_at     timestamptz NOT NULL,
    held_at         timestamptz NOT NULL DEFAULT now(),
    first_failed_at timestamptz,
    next_attempt_at timestamptz,
    attempts        integer     NOT NULL,
    sink_id         smallint    NOT NULL,
    shard           smallint    NOT NULL,
    schema_version  smallint    NOT NULL,
    operation       "char"      NOT NULL,
    state           text        NOT NULL,
    aggregate_type  text        NOT NULL,
    aggregate_id    text        NOT NULL,
    payload_type    text,
    headers         text,
    payload         bytea,
    error_class     text,
    error_message   text,
    CONSTRAINT held_entry_pkey PRIMARY KEY (version),
    CONSTRAINT held_entry_attempts_not_negative CHECK (attempts >= 0),
    CONSTRAINT held_entry_state_known CHECK (state IN ('backing_off', 'dead', 'blocked')),
    CONSTRAINT held_entry_next_attempt_fits_state CHECK ((state = 'backing_off') = (next_attempt_at IS NOT NULL)),
    CONSTRAINT held_entry_dead_has_error CHECK (state <> 'dead' OR error_message IS NOT NULL)
);
COMMENT ON TABLE ${schema}.held_entry IS
    'Entries out of the hot table: the first of an aggregate is backing off or dead, those after it are blocked by it.';
COMMENT ON COLUMN ${schema}.held_entry.version IS 'The id of the entry: the epoch above its sequence.';
COMMENT ON COLUMN ${schema}.held_entry.appended_at IS 'When it was appended.';
COMMENT ON COLUMN ${schema}.held_entry.held_at IS 'When it was taken out of the hot table.';
COMMENT ON COLUMN ${schema}.held_entry.first_failed_at IS
    'When its first attempt failed, since it was requeued if it was.';
COMMENT ON COLUMN ${schema}.held_entry.next_attempt_at IS
    'From when on it may be tried again; only while it backs off.';
COMMENT ON COLUMN ${schema}.held_entry.attempts IS 'Tries so far.';
COMMENT ON COLUMN ${schema}.held_entry.sink_id IS 'The sink it goes to.';
COMMENT ON COLUMN ${schema}.held_entry.shard IS 'The lane of that sink.';
COMMENT ON COLUMN ${schema}.held_entry.schema_version IS 'Version of the form of the payload.';
COMMENT ON COLUMN ${schema}.held_entry.operation IS
    'U upsert; D delete; R reference: the relay loads the state.';
COMMENT ON COLUMN ${schema}.held_entry.state IS
    'backing_off: will be tried again. dead: waits for a person. blocked: waits for the first held one of its aggregate.';
COMMENT ON COLUMN ${schema}.held_entry.aggregate_type IS 'Type of the aggregate that changed.';
COMMENT ON COLUMN ${schema}.held_entry.aggregate_id IS 'Which aggregate of that type.';
COMMENT ON COLUMN ${schema}.held_entry.payload_type IS
    'Logical type of the payload; empty where it is the aggregate type.';
COMMENT ON COLUMN ${schema}.held_entry.headers IS 'As in outbox_entry.';
COMMENT ON COLUMN ${schema}.held_entry.payload IS 'As in outbox_entry.';
COMMENT ON COLUMN ${schema}.held_entry.error_class IS 'Class of the last error.';
COMMENT ON COLUMN ${schema}.held_entry.error_message IS 'The last error, without payload.';
CREATE INDEX held_entry_by_aggregate
    ON ${schema}.held_entry (sink_id, shard, aggregate_type, aggregate_id, version);
CREATE INDEX held_entry_due
    ON ${schema}.held_entry (sink_id, shard, next_attempt_at) WHERE state = 'backing_off';
-- For people: how many are in which state, and which were appended first, without a look at all of them.
CREATE INDEX held_entry_by_state
    ON ${schema}.held_entry (sink_id, shard, state, version);

-- Every function here looks up names in pg_catalog only, whatever the caller's search_path is. None of them could be inlined
-- anyway; measured, the setting costs a call of 4 to 20 microseconds less than one on PostgreSQL 18, up to a few on 14.

-- The same as Aggregate.shard in Java: part of the data format.
CREATE FUNCTION ${schema}.shard_of(aggregate_type text, aggregate_id text, shard_count integer) RETURNS smallint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT (((get_byte(h, 0)::bigint << 24) | (get_byte(h, 1) << 16) | (get_byte(h, 2) << 8) | get_byte(h, 3))
                % shard_count)::smallint
        FROM sha256(convert_to(aggregate_type || ':' || aggregate_id, 'UTF8')) AS h
    $$;

-- Gives a sink its number and its lanes, once; the same number ever after.
-- Not an identity column: ON CONFLICT DO NOTHING would burn one of 32,767 numbers at every start of every process.
-- SECURITY DEFINER: a service needs no right to write sinks and lanes.
CREATE FUNCTION ${schema}.register_sink(sink_name text) RETURNS smallint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        found_id smallint;
    BEGIN
        SELECT s.sink_id INTO found_id FROM ${schema}.sink s WHERE s.name = sink_name;
        IF found_id IS NULL THEN
            LOCK TABLE ${schema}.sink IN SHARE ROW EXCLUSIVE MODE;
            SELECT s.sink_id INTO found_id FROM ${schema}.sink s WHERE s.name = sink_name;
        END IF;
        IF found_id IS NULL THEN
            INSERT INTO ${schema}.sink (sink_id, name)
            SELECT coalesce(max(s.sink_id), 0) + 1, sink_name FROM ${schema}.sink s
            RETURNING sink_id INTO found_id;
            INSERT INTO ${schema}.lane (sink_id, shard)
            SELECT found_id, shard
            FROM ${schema}.control c, generate_series(0, c.shard_count - 1) AS shard;
        END IF;
        RETURN found_id;
    END
    $$;

COMMENT ON FUNCTION ${schema}.shard_of(text, text, integer) IS
    'The shard of an aggregate: type, id, number of shards.';
COMMENT ON FUNCTION ${schema}.register_sink(text) IS
    'Gives a sink its number and its lanes, once; called at the start of every process. Returns the number.';

REVOKE EXECUTE ON FUNCTION
    ${schema}.shard_of(text, text, integer),
    ${schema}.register_sink(text)
FROM PUBLIC;

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
