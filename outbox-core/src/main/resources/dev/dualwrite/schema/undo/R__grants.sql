-- Takes away what R__grants.sql has granted. Members of the roles can do nothing here any more; the roles stay, other outboxes
-- may use them. Flyway runs R__grants.sql again only after its row in dualwrite_schema_history was deleted.
-- ${schema} is dualwrite.schema.name.
DO $$
DECLARE
    granted text;
BEGIN
    FOR granted IN SELECT r.rolname FROM pg_roles r
                   WHERE r.rolname IN ('dualwrite_append', 'dualwrite_relay', 'dualwrite_operator', 'dualwrite_viewer') LOOP
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM %I', granted);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA ${schema} FROM %I', granted);
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${schema} FROM %I', granted);
        EXECUTE format('REVOKE ALL ON SCHEMA ${schema} FROM %I', granted);
    END LOOP;
END
$$;
DROP FUNCTION ${schema}.grant_roles();
