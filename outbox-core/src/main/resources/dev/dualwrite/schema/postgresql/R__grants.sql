-- What each of the four roles of ../roles.sql may do. Runs again whenever this text changes, after the numbered files; roles that
-- are created later get their rights by a call of grant_roles(), as the owner of the schema.
-- Lock taken: none that a running service could notice. Run time: milliseconds.
-- Undo: ../undo/R__grants.sql
-- In a release a change of this text always comes with a new numbered file. Without one, old and new pods of a rolling deployment
-- would run it in turn, each finding the other's checksum: with one, an old pod that starts finds a newer schema and touches nothing.

-- Never fails for lack of a role or of a right. Grants are only added: a right that a role no longer needs is taken away by name,
-- before the loop.
CREATE OR REPLACE FUNCTION ${schema}.grant_roles() RETURNS text[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        figures CONSTANT text := '${schema}.backlog, ${schema}.shards, ${schema}.relays, ${schema}.sinks';
        views   CONSTANT text := figures || ', ${schema}.stuck_entries, ${schema}.audit, ${schema}.discarded';
        history CONSTANT text := '${schema}.dualwrite_schema_history';
        work    record;
        granted text[] := '{}';
        refused text[] := '{}';
    BEGIN
        FOR work IN
            SELECT g.role, g.rights
            FROM (VALUES
                (1, 'append', 'USAGE ON SCHEMA ${schema}'),
                (1, 'append', 'SELECT ON ${schema}.control, ${schema}.captured_table'),
                -- Nobody who appends draws a number or a time by hand, and nobody reads what others appended.
                (1, 'append', 'INSERT (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload_type,'
                              ' headers, payload) ON ${schema}.outbox_entry'),
                (1, 'append', 'USAGE ON SEQUENCE ${schema}.entry_sequence'),
                (1, 'append', 'SELECT, INSERT, DELETE ON ${schema}.captured_entity'),
                (1, 'append', 'EXECUTE ON FUNCTION ${schema}.register_sink(text)'),
                -- Health and metrics of the process look at these, on its own connections.
                (1, 'append', 'SELECT ON ' || figures),

                (2, 'relay', 'USAGE ON SCHEMA ${schema}'),
                (2, 'relay', 'SELECT, UPDATE (stuck_after, epoch, version, primary_identity) ON ${schema}.control'),
                (2, 'relay', 'SELECT ON ${schema}.sink, ${schema}.captured_table'),
                (2, 'relay', 'SELECT ON ' || figures),
                (2, 'relay', 'SELECT, DELETE ON ${schema}.outbox_entry'),
                (2, 'relay', 'SELECT, UPDATE ON ${schema}.lane, ${schema}.hand_over'),
                (2, 'relay', 'SELECT, INSERT, UPDATE ON ${schema}.shedlock, ${schema}.relay_sink'),
                (2, 'relay', 'SELECT, INSERT, UPDATE, DELETE ON ${schema}.held_entry, ${schema}.relay'),
                (2, 'relay', 'SELECT, USAGE ON SEQUENCE ${schema}.entry_sequence'),
                (2, 'relay', 'EXECUTE ON FUNCTION ${schema}.register_sink(text), ${schema}.primary_identity(),'
                             ' ${schema}.observe_primary(integer, bigint), ${schema}.purge_audit(interval, integer),'
                             ' ${schema}.purge_discarded(interval, integer)'),
                (2, 'relay', 'EXECUTE ON FUNCTION ${schema}.stray_partitions(), ${schema}.uncaptured_tables(),'
                             ' ${schema}.try_follow_partition(oid, integer, text, bigint),'
                             ' ${schema}.follow_partition(regclass, integer, text),'
                             ' ${schema}.create_capture_triggers(regclass, integer),'
                             ' ${schema}.drop_capture_triggers(regclass, integer),'
                             ' ${schema}.lend_capture(regclass, integer, name), ${schema}.return_capture(integer, name),'
                             ' ${schema}.refer_to_rows(regclass, integer)'),

                (3, 'operator', 'USAGE ON SCHEMA ${schema}'),
                (3, 'operator', 'SELECT ON ' || views),
                (3, 'operator', 'EXECUTE ON FUNCTION ${schema}.oldest_stuck(text, text, integer, bigint)'),
                (3, 'operator', 'EXECUTE ON FUNCTION ${schema}.requeue(bigint, text), ${schema}.requeue_some(bigint[], text),'
                                ' ${schema}.requeue_all(text, text, integer), ${schema}.discard(bigint, text),'
                                ' ${schema}.discard_some(bigint[], text), ${schema}.discard_uncarried(text, text, integer),'
                                ' ${schema}.pause_sink(text, text), ${schema}.resume_sink(text, text)'),

                (4, 'viewer', 'USAGE ON SCHEMA ${schema}'),
                (4, 'viewer', 'SELECT ON ' || views),
                (4, 'viewer', 'EXECUTE ON FUNCTION ${schema}.oldest_stuck(text, text, integer, bigint)'),

                -- The mode validate compares it; where the files were applied by hand there is none.
                (5, 'append', CASE WHEN to_regclass(history) IS NOT NULL THEN 'SELECT ON ' || history END),
                (5, 'relay', CASE WHEN to_regclass(history) IS NOT NULL THEN 'SELECT ON ' || history END)
            ) AS g (place, role, rights)
            JOIN pg_roles r ON r.rolname = 'dualwrite_' || g.role
            WHERE g.rights IS NOT NULL
            ORDER BY g.place
        LOOP
            BEGIN
                EXECUTE format('GRANT %s TO dualwrite_%s', work.rights, work.role);
                granted := granted || work.role;
            EXCEPTION
                WHEN insufficient_privilege THEN
                    refused := refused || work.role;
            END;
        END LOOP;
        IF refused <> '{}' THEN
            RAISE NOTICE '% is not the owner of schema ${schema}, so some rights were not granted', current_user;
        END IF;
        RETURN ARRAY(SELECT DISTINCT 'dualwrite_' || u.role FROM unnest(granted) AS u (role)
                     WHERE u.role <> ALL (refused) ORDER BY 1);
    END
    $$;
COMMENT ON FUNCTION ${schema}.grant_roles() IS
    'Grants the four roles of roles.sql what they need here; the owner of the schema calls it after they were created. Returns those that exist.';
REVOKE EXECUTE ON FUNCTION ${schema}.grant_roles() FROM PUBLIC;

-- Not SELECT: the whole of the files is one text to some clients, and must have no result.
DO $$
BEGIN
    PERFORM ${schema}.grant_roles();
END
$$;
