-- What several relays need of each other: who lives, who carries which sink, a lane that keeps losing its holder, a sink
-- that pauses, an entry that ends its process, and a primary that has forgotten numbers.
-- Lock taken: ACCESS EXCLUSIVE on control, sink, lane and held_entry for the catalogue change alone (each new column has a
-- constant default, no table is rewritten). Run time: milliseconds.
-- Undo: ../undo/V2__relays.sql

ALTER TABLE ${schema}.control
    ADD COLUMN primary_identity text,
    ADD COLUMN stuck_after interval NOT NULL DEFAULT interval '1 minute',
    ADD CONSTRAINT control_stuck_after_positive CHECK (stuck_after > interval '0');
COMMENT ON COLUMN ${schema}.control.primary_identity IS
    'Cluster and timeline that the epoch stands for; another one means that this primary may have forgotten numbers.';
COMMENT ON COLUMN ${schema}.control.stuck_after IS 'From this age on an entry that was never tried counts as overdue.';

CREATE TABLE ${schema}.relay (
    started_at   timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    alive_for    interval    NOT NULL,
    relay_id     uuid        NOT NULL,
    fair_share   integer     NOT NULL DEFAULT 0,
    host         text        NOT NULL,
    CONSTRAINT relay_pkey PRIMARY KEY (relay_id),
    CONSTRAINT relay_alive_for_positive CHECK (alive_for > interval '0'),
    CONSTRAINT relay_fair_share_not_negative CHECK (fair_share >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE ${schema}.relay IS 'A row for each start of a relay; it goes with a clean stop, or with another one''s heartbeat an hour after its own has ceased to count.';
COMMENT ON COLUMN ${schema}.relay.started_at IS 'When it started.';
COMMENT ON COLUMN ${schema}.relay.heartbeat_at IS 'Its last sign of life.';
COMMENT ON COLUMN ${schema}.relay.alive_for IS 'How long a heartbeat counts: the lease duration of this relay.';
COMMENT ON COLUMN ${schema}.relay.relay_id IS
    'The id of this start of a relay; it is in its log, and in its leases.';
COMMENT ON COLUMN ${schema}.relay.fair_share IS 'How many lanes it should hold, as it computed itself.';
COMMENT ON COLUMN ${schema}.relay.host IS 'Host name and process id, for a person.';

CREATE TABLE ${schema}.relay_sink (
    tripped_at     timestamptz,
    relay_id       uuid     NOT NULL,
    sink_id        smallint NOT NULL,
    tripped_reason text,
    CONSTRAINT relay_sink_pkey PRIMARY KEY (relay_id, sink_id),
    CONSTRAINT relay_sink_relay_fkey FOREIGN KEY (relay_id) REFERENCES ${schema}.relay (relay_id) ON DELETE CASCADE,
    CONSTRAINT relay_sink_sink_fkey FOREIGN KEY (sink_id) REFERENCES ${schema}.sink (sink_id),
    CONSTRAINT relay_sink_tripped_has_reason CHECK ((tripped_at IS NULL) = (tripped_reason IS NULL))
);
COMMENT ON TABLE ${schema}.relay_sink IS 'Which sinks a relay carries, and since when and why its breaker of one is open.';
COMMENT ON COLUMN ${schema}.relay_sink.tripped_at IS
    'Since when its breaker of this sink is open; absent if it is closed.';
COMMENT ON COLUMN ${schema}.relay_sink.relay_id IS 'The relay.';
COMMENT ON COLUMN ${schema}.relay_sink.sink_id IS 'A sink that it carries.';
COMMENT ON COLUMN ${schema}.relay_sink.tripped_reason IS 'The error that opened the breaker.';

CREATE TABLE ${schema}.hand_over (
    version  bigint  NOT NULL DEFAULT 0,
    only_row boolean NOT NULL DEFAULT true,
    CONSTRAINT hand_over_pkey PRIMARY KEY (only_row),
    CONSTRAINT hand_over_one_row CHECK (only_row)
) WITH (fillfactor = 50);
COMMENT ON TABLE ${schema}.hand_over IS
    'One row, apart from control: a person may hold that one open for long, and lanes are given back all the same.';
COMMENT ON COLUMN ${schema}.hand_over.only_row IS 'Always true: there is no second row.';
COMMENT ON COLUMN ${schema}.hand_over.version IS 'Raised when lanes are given back: every relay that polls looks at once.';
INSERT INTO ${schema}.hand_over DEFAULT VALUES;

ALTER TABLE ${schema}.lane
    ADD COLUMN unclean_takeovers integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT lane_unclean_takeovers_not_negative CHECK (unclean_takeovers >= 0);
COMMENT ON COLUMN ${schema}.lane.holder IS 'The relay start that may settle here; absent when it was given back in order.';
COMMENT ON COLUMN ${schema}.lane.unclean_takeovers IS
    'How often in a row a holder was gone without giving the lane back, and without settling anything.';

ALTER TABLE ${schema}.sink
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text,
    ADD COLUMN paused_reason text,
    ADD CONSTRAINT sink_paused_is_whole
        CHECK ((paused_at IS NULL) = (paused_by IS NULL) AND (paused_at IS NULL) = (paused_reason IS NULL));
COMMENT ON COLUMN ${schema}.sink.paused_at IS 'Since when a person keeps every relay from applying to it; absent: it runs.';
COMMENT ON COLUMN ${schema}.sink.paused_by IS 'Who paused it.';
COMMENT ON COLUMN ${schema}.sink.paused_reason IS 'Why, in the words of that person.';

ALTER TABLE ${schema}.held_entry
    ADD COLUMN unfinished smallint NOT NULL DEFAULT 0,
    ADD COLUMN suspect boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT held_entry_unfinished_not_negative CHECK (unfinished >= 0);
COMMENT ON COLUMN ${schema}.held_entry.suspect IS
    'Tried alone, each attempt written down before it is made: an entry of its batch may end the process of its relay.';
COMMENT ON COLUMN ${schema}.held_entry.unfinished IS
    'Attempts in a row that began and never ended: what a process leaves that died of this entry.';

-- Which history of changes this server writes. NULL where it does not tell: then only the sequence is watched.
-- On a standby it fails, and that is right: nothing can be relayed from there.
CREATE FUNCTION ${schema}.primary_identity() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN (SELECT system_identifier FROM pg_control_system())
               || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8);
    EXCEPTION
        WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
            RETURN NULL;
    END
    $$;

-- Compares the primary with what is known of it. Where it may have forgotten numbers (a failover to a standby that missed
-- the last commits, a restore), the epoch rises above every version drawn so far, and floors and leases go: numbers will be
-- drawn again. known_epoch keeps two relays that find out at once from raising it twice.
CREATE FUNCTION ${schema}.observe_primary(known_epoch integer, highest_seen bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        present       text := ${schema}.primary_identity();
        known         ${schema}.control%ROWTYPE;
        last_sequence bigint;
        forgotten     boolean;
    BEGIN
        -- Nothing new, which is nearly always: without a lock, since a person's act may hold the row for long.
        SELECT * INTO known FROM ${schema}.control;
        SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO last_sequence FROM ${schema}.entry_sequence s;
        IF known.primary_identity IS NOT DISTINCT FROM present
           AND (known.epoch <> known_epoch OR last_sequence >= highest_seen)
           AND last_sequence >= (SELECT coalesce(max(l.floor), 0) FROM ${schema}.lane l) THEN
            RETURN false;
        END IF;
        SELECT * INTO known FROM ${schema}.control FOR UPDATE;
        SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO last_sequence FROM ${schema}.entry_sequence s;
        forgotten := (known.primary_identity IS NOT NULL AND present IS NOT NULL AND known.primary_identity <> present)
                  OR (known.epoch = known_epoch AND last_sequence < highest_seen)
                  OR last_sequence < (SELECT coalesce(max(l.floor), 0) FROM ${schema}.lane l);
        IF forgotten THEN
            UPDATE ${schema}.lane SET floor = 0, fencing_token = fencing_token + 1, holder = NULL;
            -- Not deleted: a relay that has seen a row of ShedLock's table would never insert it again.
            UPDATE ${schema}.shedlock k
            SET lock_until = timezone('utc', now())
            FROM ${schema}.lane l
            JOIN ${schema}.sink s ON s.sink_id = l.sink_id
            WHERE k.name = s.name || '/' || l.shard;
            UPDATE ${schema}.control
            SET epoch = epoch + 1, version = version + 1, primary_identity = present;
        ELSIF known.primary_identity IS DISTINCT FROM present THEN
            UPDATE ${schema}.control SET primary_identity = present;
        END IF;
        RETURN forgotten;
    END
    $$;

COMMENT ON FUNCTION ${schema}.primary_identity() IS
    'Which server and which history of it this is; absent where the server does not tell.';
COMMENT ON FUNCTION ${schema}.observe_primary(integer, bigint) IS
    'Part of the relay: raises the epoch where this primary may have forgotten numbers. Returns whether it did.';

REVOKE EXECUTE ON FUNCTION
    ${schema}.primary_identity(),
    ${schema}.observe_primary(integer, bigint)
FROM PUBLIC;

UPDATE ${schema}.control SET schema_version = 2, primary_identity = ${schema}.primary_identity();
