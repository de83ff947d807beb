-- Back to V3. What is captured is released: triggers go from every table, and changes are not written down any more. What is
-- lost: which tables are captured, and how. Lock taken: ACCESS EXCLUSIVE on every captured table and its partitions.
-- Let the outbox drain first: references stay in it, and a relay of V3 cannot read them.
-- ${schema} is dualwrite.schema.name.
DO $$
DECLARE
    captured integer;
BEGIN
    FOR captured IN SELECT t.capture_id FROM ${schema}.captured_table t LOOP
        EXECUTE format('DROP FUNCTION ${schema}.capture_%s(), ${schema}.capture_%1$s_truncate() CASCADE', captured);
    END LOOP;
END
$$;
DROP FUNCTION ${schema}.capture_new_partitions();
DROP FUNCTION ${schema}.try_follow_partition(oid, integer, text, bigint);
DROP FUNCTION ${schema}.follow_partition(regclass, integer, text);
DROP FUNCTION ${schema}.uncaptured_tables();
DROP FUNCTION ${schema}.drop_capture_triggers(regclass, integer);
DROP FUNCTION ${schema}.refer_to_rows(regclass, integer);
DROP FUNCTION ${schema}.stray_partitions();
DROP FUNCTION ${schema}.release_table(regclass, text);
DROP FUNCTION ${schema}.close_capture(regclass, text, name);
DROP FUNCTION ${schema}.capture_table(regclass, text, text, text[], text);
DROP FUNCTION ${schema}.create_capture_triggers(regclass, integer);
DROP TRIGGER captured_table_lent_to_nobody ON ${schema}.captured_table;
DROP FUNCTION ${schema}.return_lent_capture();
DROP FUNCTION ${schema}.return_capture(integer, name);
DROP FUNCTION ${schema}.lend_capture(regclass, integer, name);
DROP FUNCTION ${schema}.open_capture(regclass, text, text, text[], text, name);
DROP FUNCTION ${schema}.refuse_other_name(name);
DROP FUNCTION ${schema}.create_capture_functions(${schema}.captured_table);
DROP FUNCTION ${schema}.reference_insert(${schema}.captured_table, text, text);
DROP FUNCTION ${schema}.refuse_old_snapshot(regclass, text);
DROP FUNCTION ${schema}.checked_key(text, regclass, text[], text[]);
DROP FUNCTION ${schema}.capture_binding_mistakes(${schema}.captured_table, text);
DROP FUNCTION ${schema}.capture_key_mistakes(regclass, text[]);
DROP FUNCTION ${schema}.capture_table_mistakes(regclass, text, name);
DROP FUNCTION ${schema}.refuse_changed_key(regclass, text, text, regtype);
DROP FUNCTION ${schema}.key_text(text, oid, text);
DROP FUNCTION ${schema}.base_type(oid);
DROP TABLE ${schema}.captured_entity;
DROP TABLE ${schema}.captured_table;
UPDATE ${schema}.control SET schema_version = 3;
