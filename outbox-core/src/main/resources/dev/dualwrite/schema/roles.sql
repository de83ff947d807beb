-- For the administrator of the database: the four roles of the outbox. They hold no right by themselves and nobody can log in as
-- them; users become members:  GRANT dualwrite_operator TO alice;
--
--   dualwrite_append     a service that appends
--   dualwrite_relay      a relay (a service with a relay in it is a member of both)
--   dualwrite_operator   a person who acts: requeue, discard, pause, resume
--   dualwrite_viewer     a person, or a monitoring system, that looks
--
-- Needs the attribute CREATEROLE. It may be run again, and changes nothing then. Roles belong to the whole server: every outbox in
-- every database of it uses these four.
--
-- Then, in each database and for each schema of an outbox that is installed already, as the owner of that schema:
--     SELECT dualwrite.grant_roles();
-- One that is installed later does it by itself. It is not called from here: an administrator who calls a function of somebody
-- else's gives that function all rights.
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT w.role, w.says
        FROM (VALUES
            ('dualwrite_append', 'Appends entries to outboxes of Dualwrite.'),
            ('dualwrite_relay', 'Relays the entries of outboxes of Dualwrite.'),
            ('dualwrite_operator', 'Looks at outboxes of Dualwrite, and acts: each act is on record.'),
            ('dualwrite_viewer', 'Looks at outboxes of Dualwrite, at no payload.')
        ) AS w (role, says)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = wanted.role) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted.role);
            -- Only here: another administrator than the one who created it may not comment on it.
            EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', wanted.role, wanted.says);
        END IF;
    END LOOP;
EXCEPTION
    WHEN duplicate_object THEN
        RAISE NOTICE 'another session is creating these roles: run this again';
END
$$;
