-- What is captured without a call of append: tables by trigger, entities by JPA.
-- Lock taken: SHARE ROW EXCLUSIVE on sink, for a foreign key. Run time: milliseconds.
-- Undo: ../undo/V4__capture.sql

CREATE TABLE ${schema}.captured_table (
    captured_at    timestamptz NOT NULL DEFAULT now(),
    -- Not its text: a renamed table stays captured. Not a number: a dump writes the name, so a restore finds it again.
    source         regclass    NOT NULL,
    -- Part of the names of its functions: a number that a restore does not change.
    capture_id     integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    sink_id        smallint    NOT NULL,
    aggregate_type text        NOT NULL,
    key_columns    text[]      NOT NULL,
    on_truncate    text        NOT NULL,
    captured_by    text        NOT NULL,
    -- Names in a dump, as the functions have them: a restore gives types of the user other numbers.
    key_types      regtype[]   NOT NULL,
    -- Who may execute the trigger functions until the end of this transaction, see lend_capture.
    lent_to        name,
    CONSTRAINT captured_table_pkey PRIMARY KEY (source, sink_id),
    CONSTRAINT captured_table_sink_fkey FOREIGN KEY (sink_id) REFERENCES ${schema}.sink (sink_id),
    CONSTRAINT captured_table_has_key CHECK (cardinality(key_columns) > 0),
    CONSTRAINT captured_table_types_of_key CHECK (cardinality(key_types) = cardinality(key_columns)),
    CONSTRAINT captured_table_on_truncate_known CHECK (on_truncate IN ('refuse', 'record'))
);
COMMENT ON TABLE ${schema}.captured_table IS
    'Tables whose changes triggers write down as reference entries; the relay loads the rows of an aggregate type from here.';
COMMENT ON SEQUENCE ${schema}.captured_table_capture_id_seq IS 'The numbers in the names of the generated functions.';
COMMENT ON COLUMN ${schema}.captured_table.captured_at IS 'Since when.';
COMMENT ON COLUMN ${schema}.captured_table.source IS 'The table.';
COMMENT ON COLUMN ${schema}.captured_table.capture_id IS
    'The number in the names of its functions and triggers.';
COMMENT ON COLUMN ${schema}.captured_table.sink_id IS 'The sink that its changes go to.';
COMMENT ON COLUMN ${schema}.captured_table.aggregate_type IS 'Type of the aggregates that its rows are.';
COMMENT ON COLUMN ${schema}.captured_table.on_truncate IS
    'refuse: a TRUNCATE fails. record: it writes an entry for each row.';
COMMENT ON COLUMN ${schema}.captured_table.captured_by IS 'Who captured it.';
COMMENT ON COLUMN ${schema}.captured_table.lent_to IS
    'Who may execute the trigger functions until the end of this transaction; absent outside of one.';
COMMENT ON COLUMN ${schema}.captured_table.key_columns IS 'The parts of the aggregate id, in their order.';
COMMENT ON COLUMN ${schema}.captured_table.key_types IS
    'Their types when the table was captured; a write fails if a column has another one.';

CREATE TABLE ${schema}.captured_entity (
    source regclass NOT NULL,
    entity text     NOT NULL,
    CONSTRAINT captured_entity_pkey PRIMARY KEY (source, entity)
);
COMMENT ON TABLE ${schema}.captured_entity IS
    'Tables of the entities that services ever captured through JPA; no trigger may capture them too. Rows go by hand.';
COMMENT ON COLUMN ${schema}.captured_entity.source IS 'The table.';
COMMENT ON COLUMN ${schema}.captured_entity.entity IS 'The entity that is stored there.';

-- The functions. People call capture_table, release_table and capture_new_partitions, relays stray_partitions, uncaptured_tables
-- and try_follow_partition. Eight of them run with the rights of the schema's owner, and so do the trigger functions that are
-- generated: each checks by itself what the session may ask for. The others run with the rights of whoever calls.

-- The type that a domain is made of, through every level; any other type is itself.
CREATE FUNCTION ${schema}.base_type(type oid) RETURNS oid
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH RECURSIVE level AS (
            SELECT t.oid, t.typbasetype FROM pg_type t WHERE t.oid = base_type.type
            UNION ALL
            SELECT t.oid, t.typbasetype FROM level l JOIN pg_type t ON t.oid = l.typbasetype
        )
        SELECT l.oid FROM level l WHERE l.typbasetype = 0
    $$;

-- The text of a key column as one part of an aggregate id, as an expression over the row r, escaped as Aggregate.of does;
-- NULL where equal values may have different texts. It depends on DateStyle and TimeZone only, and the generated functions
-- set these. An enum is written by its output function: for a type that is not built in, its owner may define the cast to
-- text, and that function would run with the rights of the schema's owner.
-- Backslashes stand in E'': whoever captures may have set standard_conforming_strings off.
-- The column must still have this very type: a cast to it could fail, lose the time of a day, or be the owner's own. That is
-- asked for each row, by pg_typeof, and not of the catalogue for each statement. A branch that is not taken is planned, not run.
CREATE FUNCTION ${schema}.key_text(key_column text, type oid, written_to text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        base  oid := ${schema}.base_type(type);
        value text := format('r.%I::%s', key_column, format_type(base, -1));
        text_of text;
    BEGIN
        CASE
            WHEN base IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype, 'boolean'::regtype,
                          'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
                text_of := value || '::text';
            WHEN base = 'numeric'::regtype THEN
                text_of := format('trim_scale(%s)::text', value);
            WHEN base IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) THEN
                text_of := format($e$replace(replace(%s::text, E'\\', E'\\\\'), '|', E'\\|')$e$, value);
            WHEN EXISTS (SELECT FROM pg_type t WHERE t.oid = base AND t.typtype = 'e') THEN
                text_of := format($e$replace(replace(textin(enum_out(%s)), E'\\', E'\\\\'), '|', E'\\|')$e$, value);
            ELSE
                RETURN NULL;
        END CASE;
        RETURN format('CASE WHEN pg_typeof(r.%1$I) = %2$L::regtype THEN %3$s'
                      ' ELSE ${schema}.refuse_changed_key(%4$s, %1$L, %2$L, pg_typeof(r.%1$I)) END',
                      key_column, type::regtype, text_of, written_to);
    END
    $$;

CREATE FUNCTION ${schema}.refuse_changed_key(source regclass, key_column text, captured_type text, type regtype) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RAISE EXCEPTION 'table %: key column % is % now, it was % when the table was captured',
                        source, key_column, type, captured_type
            USING ERRCODE = 'datatype_mismatch',
                  HINT = 'The change could not be captured, so it is refused. Next: release_table and capture_table.';
    END
    $$;

-- What is wrong with the table itself; mistakes are told with their cure, all of them.
CREATE FUNCTION ${schema}.capture_table_mistakes(source regclass, on_truncate text, caller name) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        mistakes     text[] := '{}';
        owner        pg_roles%ROWTYPE;
        t            pg_class%ROWTYPE;
        found_names  text;
        found_entity text;
    BEGIN
        SELECT c.* INTO t FROM pg_class c WHERE c.oid = source;
        IF NOT FOUND THEN
            RETURN ARRAY['there is no such table. Next: name one that exists'];
        ELSIF t.relkind NOT IN ('r', 'p') THEN
            RETURN ARRAY[format('it is %s, expected an ordinary or a partitioned table. Next: capture the tables behind it',
                                CASE t.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view'
                                               WHEN 'f' THEN 'a foreign table' WHEN 'S' THEN 'a sequence'
                                               WHEN 'i' THEN 'an index' WHEN 'I' THEN 'an index' ELSE 'no table' END)];
        END IF;
        SELECT r.* INTO owner
        FROM pg_roles r
        WHERE r.oid = (SELECT c.relowner FROM pg_class c WHERE c.oid = '${schema}.captured_table'::regclass);

        IF t.relnamespace IN (SELECT n.oid FROM pg_namespace n
                              WHERE n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast')) THEN
            mistakes := mistakes || 'it is a system table. Next: capture tables of your own'::text;
        ELSIF t.relnamespace = '${schema}'::regnamespace THEN
            mistakes := mistakes || 'it is a table of the outbox, which would capture itself. Next: capture tables of your own'::text;
        END IF;
        IF t.relpersistence = 't' THEN
            mistakes := mistakes || 'it is temporary: no relay can read it. Next: capture a permanent table'::text;
        ELSIF t.relpersistence = 'u' THEN
            mistakes := mistakes || format('it is unlogged: a crash of the server empties it, and no trigger tells.'
                                           ' Next: ALTER TABLE %s SET LOGGED', source);
        END IF;
        IF NOT pg_has_role(caller, t.relowner, 'USAGE') THEN
            mistakes := mistakes || format('it belongs to %I, the caller is %I. Next: SET ROLE %1$I, or let its owner call',
                                           pg_get_userbyid(t.relowner), caller);
        END IF;
        IF t.relispartition THEN
            mistakes := mistakes || format('it is a partition of %s, writes through that one would not be seen.'
                                           ' Next: capture %1$s, its partitions follow', pg_partition_root(source));
        ELSIF EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = source) THEN
            mistakes := mistakes || 'it inherits from another table, writes through that one would not be seen.'
                                    ' Next: ALTER TABLE … NO INHERIT, or declare partitions'::text;
        END IF;
        IF t.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = source) THEN
            mistakes := mistakes || 'other tables inherit from it, writes to them would not be seen.'
                                    ' Next: ALTER TABLE … NO INHERIT, or declare partitions'::text;
        END IF;

        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) INTO found_names
        FROM pg_partition_tree(source) p JOIN pg_class c ON c.oid = p.relid
        WHERE c.relkind = 'f';
        IF found_names IS NOT NULL THEN
            mistakes := mistakes || format('these partitions are foreign tables, which triggers cannot watch: %s.'
                                           ' Next: detach them', found_names);
        END IF;
        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) INTO found_names
        FROM pg_partition_tree(source) p JOIN pg_class c ON c.oid = p.relid
        WHERE c.oid <> source AND NOT has_table_privilege(caller, c.oid, 'TRIGGER');
        IF found_names IS NOT NULL THEN
            mistakes := mistakes || format('the caller %I may not create triggers on these partitions: %s.'
                                           ' Next: GRANT TRIGGER on them to %1$I', caller, found_names);
        END IF;
        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) INTO found_names
        FROM (SELECT source AS relid UNION SELECT p.relid FROM pg_partition_tree(source) p) p
        JOIN pg_class c ON c.oid = p.relid
        WHERE c.relrowsecurity
          AND NOT (owner.rolsuper OR owner.rolbypassrls
                   OR (pg_has_role(owner.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity));
        IF found_names IS NOT NULL THEN
            mistakes := mistakes || format('row-level security of %s would hide rows from %I, the owner of schema ${schema},'
                                           ' and a row that is not seen is deleted at the secondary.'
                                           ' Next: ALTER ROLE %2$I BYPASSRLS', found_names, owner.rolname);
        END IF;
        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) INTO found_names
        FROM (SELECT source AS relid UNION SELECT p.relid FROM pg_partition_tree(source) p) p
        JOIN pg_class c ON c.oid = p.relid
        WHERE on_truncate = 'record' AND c.relkind = 'r' AND NOT has_table_privilege(owner.oid, c.oid, 'SELECT');
        IF found_names IS NOT NULL THEN
            mistakes := mistakes || format('to record a TRUNCATE, the owner of schema ${schema} must read the rows.'
                                           ' Next: GRANT SELECT ON %s TO %I', found_names, owner.rolname);
        END IF;
        SELECT string_agg(e.entity, ', ' ORDER BY e.entity) INTO found_entity
        FROM ${schema}.captured_entity e
        WHERE e.source = capture_table_mistakes.source;
        IF found_entity IS NOT NULL THEN
            mistakes := mistakes || format('the service captures it already, as entity %s. Next: leave the table to it; or take the'
                                           ' capture off the entity, start the service anew, and delete its rows of %L'
                                           ' from ${schema}.captured_entity', found_entity, source);
        END IF;
        RETURN mistakes;
    END
    $$;

CREATE FUNCTION ${schema}.capture_key_mistakes(source regclass, key_columns text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        mistakes text[] := '{}';
        key      record;
    BEGIN
        IF array_ndims(key_columns) IS DISTINCT FROM 1 THEN
            RETURN ARRAY['key_columns is empty, expected the names of one or more columns.'
                         ' Next: name those of the primary key, in the order of the aggregate id'];
        END IF;
        FOR key IN
            SELECT k.name, count(*) AS times, a.attnum, a.attnotnull, a.attgenerated, l.collname,
                   format_type(a.atttypid, a.atttypmod) AS type,
                   CASE WHEN a.attnum IS NOT NULL THEN ${schema}.key_text(k.name, a.atttypid, '') IS NULL END AS type_unfit,
                   -- PostgreSQL 18 marks a column whose constraint was never validated, too.
                   EXISTS (SELECT FROM pg_constraint c
                           WHERE c.conrelid = source AND c.contype = 'n' AND c.conkey = ARRAY[a.attnum]
                             AND NOT c.convalidated) AS unproved
            FROM unnest(key_columns) WITH ORDINALITY AS k (name, position)
            LEFT JOIN pg_attribute a
                   ON a.attrelid = source AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_collation l ON l.oid = a.attcollation AND NOT l.collisdeterministic
            GROUP BY k.name, a.attnum, a.attnotnull, a.attgenerated, a.atttypid, a.atttypmod, l.collname
            ORDER BY min(k.position)
        LOOP
            IF key.attnum IS NULL THEN
                mistakes := mistakes || format('it has no key column %s, its columns are %s. Next: correct the name',
                    coalesce(quote_literal(key.name), 'null'),
                    (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
                     WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped));
                CONTINUE;
            END IF;
            IF key.times > 1 THEN
                mistakes := mistakes || format('key column %I is named %s times. Next: name it once', key.name, key.times);
            END IF;
            IF NOT key.attnotnull OR key.unproved THEN
                mistakes := mistakes || format('key column %1$I may be null. Next: ALTER TABLE %2$s ALTER COLUMN %1$I SET NOT NULL%3$s',
                    key.name, source, CASE WHEN key.unproved THEN ', and validate it' ELSE '' END);
            END IF;
            IF key.type_unfit THEN
                mistakes := mistakes || format('key column %I is of type %s, which has no single text for a value. Next: choose a'
                    ' key of smallint, integer, bigint, numeric, text, varchar, char, uuid, date, timestamp, timestamptz,'
                    ' boolean, an enum, or a domain over one of these', key.name, key.type);
            END IF;
            IF key.collname IS NOT NULL THEN
                mistakes := mistakes || format('key column %I has the non-deterministic collation %I, where different texts'
                    ' are equal. Next: choose another key', key.name, key.collname);
            END IF;
            IF key.attgenerated = 'v' THEN
                mistakes := mistakes || format('key column %I is generated when it is read. Next: make it STORED', key.name);
            END IF;
        END LOOP;
        IF NOT EXISTS (
            SELECT
            FROM pg_index i
            WHERE i.indrelid = source AND i.indisunique AND i.indisvalid AND i.indimmediate AND NOT i.indisexclusion
              AND i.indpred IS NULL AND i.indexprs IS NULL
              AND (SELECT bool_and(a.attname = ANY (key_columns))
                   FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, position)
                   JOIN pg_attribute a ON a.attrelid = source AND a.attnum = k.attnum
                   WHERE k.position <= i.indnkeyatts)) THEN
            mistakes := mistakes || format('its key (%s) is not unique: no valid unique index, not deferrable, without WHERE and'
                ' expressions, lies within it. Next: name the columns of the primary key, or create such an index',
                array_to_string(key_columns, ', ', 'null'));
        END IF;
        RETURN mistakes;
    END
    $$;

CREATE FUNCTION ${schema}.capture_binding_mistakes(capture ${schema}.captured_table, sink text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        mistakes text[] := '{}';
        other    ${schema}.captured_table%ROWTYPE;
        -- Characters outside the first plane count twice, as in Java.
        length   integer := length(capture.aggregate_type)
                            + length(regexp_replace(capture.aggregate_type, E'[^\\U00010000-\\U0010FFFF]', '', 'g'));
    BEGIN
        IF capture.sink_id IS NULL THEN
            mistakes := mistakes || format('there is no sink %s, known: %s. Next: start a process that has it in its configuration',
                coalesce(quote_literal(sink), 'null'),
                coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM ${schema}.sink s), 'none'));
        END IF;
        SELECT o.* INTO other FROM ${schema}.captured_table o
        WHERE o.source = capture.source AND o.sink_id = capture.sink_id;
        IF FOUND THEN
            mistakes := mistakes || format('it is captured for sink %s already, since %s by %s as %s (%s).'
                ' Next: release_table(%L, %L) first', sink, date_trunc('second', other.captured_at), other.captured_by,
                other.aggregate_type, array_to_string(other.key_columns, ', '), other.source, sink);
        END IF;
        IF capture.aggregate_type IS NULL OR length NOT BETWEEN 1 AND 100
           OR capture.aggregate_type ~ E'[:\\u0001-\\u001F\\u007F-\\u009F]' THEN
            mistakes := mistakes || format('the aggregate type is %s, expected 1 to 100 characters without '':'' and control'
                ' characters. Next: choose a name such as order',
                coalesce(quote_literal(left(${schema}.one_line(capture.aggregate_type), 120)), 'null'));
        END IF;
        SELECT o.* INTO other FROM ${schema}.captured_table o
        WHERE o.aggregate_type = capture.aggregate_type
          AND (o.source <> capture.source OR o.key_columns <> capture.key_columns)
        ORDER BY o.capture_id
        LIMIT 1;
        IF FOUND THEN
            mistakes := mistakes || format('aggregate type %s is that of table %s with key (%s). Next: choose another name, or'
                ' the same table and key', other.aggregate_type, other.source, array_to_string(other.key_columns, ', '));
        END IF;
        IF capture.on_truncate IS NULL OR capture.on_truncate NOT IN ('refuse', 'record') THEN
            mistakes := mistakes || format('on_truncate is %s. Next: say refuse or record',
                                           coalesce(quote_literal(capture.on_truncate), 'null'));
        END IF;
        RETURN mistakes;
    END
    $$;

-- Called for an id of which the statement of a trigger cannot say by itself that Java would read it.
CREATE FUNCTION ${schema}.checked_key(id text, source regclass, key_columns text[], parts text[]) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        length integer := length(id) + length(regexp_replace(id, E'[^\\U00010000-\\U0010FFFF]', '', 'g'));
        reason text := CASE WHEN length = 0 THEN 'is empty, expected 1 to 1000 characters'
                            WHEN length > 1000 THEN format('has %s characters, expected 1 to 1000', length)
                       END;
        blamed text;
        found_control text;
    BEGIN
        IF reason IS NULL THEN
            SELECT key_columns[p.position], substring(p.part, E'[\\u0001-\\u001F\\u007F-\\u009F]') INTO blamed, found_control
            FROM unnest(parts) WITH ORDINALITY AS p (part, position)
            WHERE p.part ~ E'[\\u0001-\\u001F\\u007F-\\u009F]'
            ORDER BY p.position
            LIMIT 1;
            IF NOT FOUND THEN
                RETURN id;
            END IF;
            reason := format('has the control character U+%s, expected none', lpad(upper(to_hex(ascii(found_control))), 4, '0'));
        END IF;
        RAISE EXCEPTION 'table %: key (%) %', source, coalesce(blamed, array_to_string(key_columns, ', ')), reason
            USING ERRCODE = 'check_violation',
                  HINT = format('The change could not be captured, so it is refused: it would be missing at the secondary.'
                                ' Correct the value; release_table ends the capture of %s.', source);
    END
    $$;

-- The rows under a lock must be those that the lock found: a snapshot from before it would miss some.
CREATE FUNCTION ${schema}.refuse_old_snapshot(source regclass, act text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
            RAISE EXCEPTION 'table %: % in a transaction of isolation %, expected read committed',
                            source, act, current_setting('transaction_isolation')
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'Rows that were committed after its snapshot would not be seen, and stay at the secondary for good.';
        END IF;
    END
    $$;

-- The statement that writes references, in two pieces around the rows that it takes keys from. Each OFFSET 0 keeps the
-- planner from computing an expression again for each of its uses.
-- The shard is Aggregate.shard; shard_of is not called, since its SET costs more than the rest of the statement.
CREATE FUNCTION ${schema}.reference_insert(capture ${schema}.captured_table, headers text, written_to text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        id     text := 'c.id';
        parts  text;
        joined text;
        pieces text;
        texts  boolean;
    BEGIN
        SELECT string_agg(format('%s AS p%s', ${schema}.key_text(k.name, k.type, written_to), k.position), ', ' ORDER BY k.position),
               string_agg('p.p' || k.position, ' || ''|'' || ' ORDER BY k.position),
               string_agg('c.p' || k.position, ', ' ORDER BY k.position),
               bool_or(t.typcategory IN ('S', 'E'))
        INTO parts, joined, pieces, texts
        FROM unnest(capture.key_columns, capture.key_types) WITH ORDINALITY AS k (name, type, position)
        JOIN pg_type t ON t.oid = ${schema}.base_type(k.type);
        IF texts OR cardinality(capture.key_columns) > 20 THEN
            id := format($e$CASE WHEN length(c.id) BETWEEN 1 AND 500 AND c.id !~ E'[\\u0001-\\u001F\\u007F-\\u009F]' THEN c.id
                            ELSE ${schema}.checked_key(c.id, %s, %L, ARRAY[%s]) END$e$,
                         written_to, capture.key_columns, pieces);
        END IF;
        RETURN ARRAY[
            format($e$
                INSERT INTO ${schema}.outbox_entry
                       (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, headers)
                SELECT %s,
                       ((get_byte(e.h, 0)::bigint << 24 | get_byte(e.h, 1) << 16 | get_byte(e.h, 2) << 8 | get_byte(e.h, 3))
                        %% %s)::smallint,
                       1, 'R', %L, e.id, %s
                FROM (SELECT v.id, sha256(convert_to(%L || v.id, 'UTF8')) AS h
                      FROM (SELECT %s AS id
                            FROM (SELECT %s AS id, %s
                                  FROM (SELECT %s
                                        FROM $e$,
                   capture.sink_id, (SELECT c.shard_count FROM ${schema}.control c), capture.aggregate_type, headers,
                   capture.aggregate_type || ':', id, joined, replace(pieces, 'c.', 'p.'), parts),
            ' r OFFSET 0) p OFFSET 0) c OFFSET 0) v OFFSET 0) e'];
    END
    $$;

-- The two functions behind the triggers of a captured table and its partitions. Their SQL is static, so that plans are kept.
-- A row that an UPDATE gives another key is referred to by both. INSERT and DELETE have no key twice: it is unique.
CREATE FUNCTION ${schema}.create_capture_functions(capture ${schema}.captured_table) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        pieces   text[] := ${schema}.reference_insert(capture, 'given_headers', 'TG_RELID::regclass');
        dynamic  text[] := ${schema}.reference_insert(capture, '$1', '$2');
        keys     text;
        settings text;
        declared text := $e$
            DECLARE
                given_headers text := coalesce(current_setting('dualwrite.headers', true), '');
            BEGIN
                IF given_headers <> ''
                   AND (length(given_headers) > 4096
                        OR given_headers !~ '^([A-Za-z0-9.*_+-]|%[0-9A-Fa-f]{2})+=([A-Za-z0-9.*_+-]|%[0-9A-Fa-f]{2})*(&([A-Za-z0-9.*_+-]|%[0-9A-Fa-f]{2})+=([A-Za-z0-9.*_+-]|%[0-9A-Fa-f]{2})*)*$') THEN
                    given_headers := '';
                END IF;
        $e$;
    BEGIN
        SELECT string_agg(format('r.%I', k.name), ', ' ORDER BY k.position),
               CASE WHEN bool_or(t.typcategory = 'D') THEN $e$SET datestyle = 'ISO, YMD' SET timezone = 'UTC'$e$ ELSE '' END
        INTO keys, settings
        FROM unnest(capture.key_columns, capture.key_types) WITH ORDINALITY AS k (name, type, position)
        JOIN pg_type t ON t.oid = ${schema}.base_type(k.type);
        EXECUTE format('CREATE FUNCTION ${schema}.capture_%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER'
                       ' SET search_path = pg_catalog, pg_temp %s AS %L',
                       capture.capture_id, settings,
                       declared
                       || 'IF TG_OP = ''UPDATE'' THEN' || pieces[1]
                       || format('(SELECT %s FROM new_rows r UNION SELECT %1$s FROM old_rows r)', keys) || pieces[2] || ';'
                       || ' ELSIF TG_OP = ''INSERT'' THEN' || pieces[1] || 'new_rows' || pieces[2] || ';'
                       || ' ELSE' || pieces[1] || 'old_rows' || pieces[2] || ';'
                       || ' END IF; RETURN NULL; END');
        -- row_security off: what a policy would hide is an error then, and no function of a policy runs with these rights.
        EXECUTE format('CREATE FUNCTION ${schema}.capture_%s_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER'
                       ' SET search_path = pg_catalog, pg_temp SET row_security = off %s AS %L',
                       capture.capture_id, settings,
                       CASE capture.on_truncate
                           WHEN 'refuse' THEN format($e$
                               BEGIN
                                   RAISE EXCEPTION 'table %%: TRUNCATE is refused, the table is captured and its rows would stay at the secondary',
                                                   TG_RELID::regclass
                                       USING ERRCODE = 'object_not_in_prerequisite_state',
                                             HINT = 'Use DELETE, or capture the table with on_truncate => ''record''.';
                               END
                               $e$)
                           ELSE declared || format($e$
                               PERFORM ${schema}.refuse_old_snapshot(TG_RELID, 'TRUNCATE');
                               EXECUTE %L || 'ONLY ' || TG_RELID::regclass::text || %L USING given_headers, TG_RELID::regclass;
                               RETURN NULL;
                               END
                               $e$, dynamic[1], dynamic[2])
                       END);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION ${schema}.capture_%s(), ${schema}.capture_%1$s_truncate() FROM PUBLIC',
                       capture.capture_id);
    END
    $$;

-- Who asks through a function that runs with other rights than the session's: the name is given, so it is checked.
CREATE FUNCTION ${schema}.refuse_other_name(caller name) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF NOT coalesce(pg_has_role(session_user, caller, 'MEMBER'), false) THEN
            RAISE EXCEPTION '% asks in the name of %, expected a member of that role', session_user, caller
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'Log in as the owner of the table, or as a member of that role; not through a SECURITY DEFINER function.';
        END IF;
    END
    $$;

-- The part of capture_table that needs the rights of the schema's owner: the check, the row, the functions, the record.
CREATE FUNCTION ${schema}.open_capture(source regclass, sink text, aggregate_type text, key_columns text[], on_truncate text,
                                       caller name) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        capture  ${schema}.captured_table%ROWTYPE;
        mistakes text[];
    BEGIN
        PERFORM ${schema}.refuse_other_name(caller);
        -- What is checked here cannot change before the row is there: a service that starts writes down its entities under a
        -- lock that excludes this one, and there is one act at a time. The snapshots of all that follows are taken after both,
        -- if the isolation lets them be.
        PERFORM ${schema}.refuse_old_snapshot(source, 'capture_table');
        LOCK TABLE ${schema}.captured_entity IN SHARE MODE;
        PERFORM ${schema}.begin_act('capture_table');
        capture.source := source;
        capture.sink_id := (SELECT s.sink_id FROM ${schema}.sink s WHERE s.name = open_capture.sink);
        capture.aggregate_type := aggregate_type;
        capture.key_columns := key_columns;
        capture.on_truncate := on_truncate;
        mistakes := ${schema}.capture_binding_mistakes(capture, sink)
                    || ${schema}.capture_table_mistakes(source, on_truncate, caller);
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = source AND c.relkind IN ('r', 'p')) THEN
            mistakes := mistakes || ${schema}.capture_key_mistakes(source, key_columns);
        END IF;
        IF mistakes <> '{}' THEN
            RAISE EXCEPTION 'table % cannot be captured: % mistake%',
                            coalesce(source::text, 'null'), cardinality(mistakes),
                            CASE WHEN cardinality(mistakes) > 1 THEN 's' ELSE '' END
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = (SELECT string_agg(format('%s. %s.', m.position, m.mistake), E'\n' ORDER BY m.position)
                                FROM unnest(mistakes) WITH ORDINALITY AS m (mistake, position)),
                      HINT = 'Nothing was changed. Correct all of them, then call again.';
        END IF;
        capture.key_types := ARRAY(SELECT a.atttypid::regtype
                                   FROM unnest(key_columns) WITH ORDINALITY AS k (name, position)
                                   JOIN pg_attribute a
                                     ON a.attrelid = source AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
                                   ORDER BY k.position);
        INSERT INTO ${schema}.captured_table
               (source, sink_id, aggregate_type, key_columns, key_types, on_truncate, captured_by)
        VALUES (capture.source, capture.sink_id, capture.aggregate_type, capture.key_columns, capture.key_types,
                capture.on_truncate, ${schema}.actor())
        RETURNING * INTO capture;
        PERFORM ${schema}.create_capture_functions(capture);
        PERFORM ${schema}.record_act('capture_table', 'table ' || capture.source,
            format('its changes go to sink %s', sink),
            jsonb_build_object('sink', sink, 'aggregate_type', aggregate_type, 'key_columns', key_columns,
                               'on_truncate', on_truncate, 'capture_id', capture.capture_id));
        RETURN capture.capture_id;
    END
    $$;

-- A trigger is made by who may execute its function: for that moment only. What is not returned is taken back at the end of
-- the transaction, by a trigger that no caller can skip. First the right, then the row: with SET CONSTRAINTS … IMMEDIATE it is
-- taken back at once.
CREATE FUNCTION ${schema}.lend_capture(member regclass, capture_id integer, caller name) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        capture ${schema}.captured_table%ROWTYPE;
    BEGIN
        PERFORM ${schema}.refuse_other_name(caller);
        SELECT t.* INTO capture FROM ${schema}.captured_table t WHERE t.capture_id = lend_capture.capture_id;
        IF NOT FOUND OR NOT has_table_privilege(caller, member, 'TRIGGER')
           OR (member <> capture.source AND NOT EXISTS (SELECT FROM pg_partition_tree(capture.source) p WHERE p.relid = member)) THEN
            RAISE EXCEPTION '% may not create triggers on %', caller, member
                USING ERRCODE = 'insufficient_privilege',
                      HINT = format('GRANT TRIGGER ON %s TO %I, or let its owner call capture_new_partitions().', member, caller);
        END IF;
        EXECUTE format('GRANT EXECUTE ON FUNCTION ${schema}.capture_%s(), ${schema}.capture_%1$s_truncate() TO %I',
                       capture.capture_id, caller);
        UPDATE ${schema}.captured_table t SET lent_to = caller WHERE t.capture_id = capture.capture_id;
    END
    $$;

-- Takes the right from everybody but the owner, who would take it from itself.
CREATE FUNCTION ${schema}.return_capture(capture_id integer, caller name) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        borrower record;
    BEGIN
        PERFORM ${schema}.refuse_other_name(caller);
        FOR borrower IN
            SELECT DISTINCT f.oid::regprocedure AS function, pg_get_userbyid(x.grantee) AS name
            FROM pg_proc f
            CROSS JOIN LATERAL aclexplode(f.proacl) x
            WHERE f.oid IN (to_regprocedure(format('${schema}.capture_%s()', capture_id)),
                            to_regprocedure(format('${schema}.capture_%s_truncate()', capture_id)))
              AND x.grantee NOT IN (0, f.proowner)
        LOOP
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM %I', borrower.function, borrower.name);
        END LOOP;
        UPDATE ${schema}.captured_table t SET lent_to = NULL
        WHERE t.capture_id = return_capture.capture_id AND t.lent_to IS NOT NULL;
    END
    $$;

CREATE FUNCTION ${schema}.return_lent_capture() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM ${schema}.return_capture(new.capture_id, session_user);
        RETURN NULL;
    END
    $$;
CREATE CONSTRAINT TRIGGER captured_table_lent_to_nobody
    AFTER UPDATE ON ${schema}.captured_table
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (new.lent_to IS NOT NULL)
    EXECUTE FUNCTION ${schema}.return_lent_capture();

-- Their names say schema and capture: a partition may move between two captured tables, and two outboxes watch one table.
CREATE FUNCTION ${schema}.create_capture_triggers(member regclass, capture_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        prefix text := left('${schema}', 35) || '_capture_' || capture_id;
    BEGIN
        PERFORM ${schema}.lend_capture(member, capture_id, current_user);
        EXECUTE format('CREATE TRIGGER %s_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.capture_%s()', prefix, member, capture_id);
        EXECUTE format('CREATE TRIGGER %s_update AFTER UPDATE ON %s'
                       ' REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.capture_%s()', prefix, member, capture_id);
        EXECUTE format('CREATE TRIGGER %s_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.capture_%s()', prefix, member, capture_id);
        EXECUTE format('CREATE TRIGGER %s_truncate BEFORE TRUNCATE ON %s'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.capture_%s_truncate()', prefix, member, capture_id);
        PERFORM ${schema}.return_capture(capture_id, current_user);
    END
    $$;

CREATE FUNCTION ${schema}.capture_table(source regclass, sink text, aggregate_type text, key_columns text[],
                                        on_truncate text DEFAULT 'refuse') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        new_id integer;
    BEGIN
        -- The table's lock before that of the record: whoever waits here for a long writer keeps nobody else from acting.
        IF EXISTS (SELECT FROM pg_class c
                   WHERE c.oid = source AND c.relkind IN ('r', 'p') AND pg_has_role(current_user, c.relowner, 'USAGE')) THEN
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);
        END IF;
        new_id := ${schema}.open_capture(source, sink, aggregate_type, key_columns, on_truncate, current_user);
        PERFORM ${schema}.create_capture_triggers(source, new_id);
        PERFORM ${schema}.create_capture_triggers(p.relid, new_id) FROM pg_partition_tree(source) p WHERE p.relid <> source;
        RETURN 1 + (SELECT count(*) FROM pg_partition_tree(source) p WHERE p.relid <> source);
    END
    $$;
COMMENT ON FUNCTION ${schema}.capture_table(regclass, text, text, text[], text) IS
    'From the next commit on, each change of the table is written down as a reference entry. Call it as the owner of the table; all mistakes are told at once. Returns how many tables have triggers now: itself and its partitions.';

-- The part of release_table that needs the rights of the schema's owner. With the functions go the triggers, on partitions of
-- other owners and on detached ones, too.
CREATE FUNCTION ${schema}.close_capture(source regclass, sink text, caller name) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    AS $$
    DECLARE
        capture     ${schema}.captured_table%ROWTYPE;
        table_owner oid := (SELECT c.relowner FROM pg_class c WHERE c.oid = source);
    BEGIN
        PERFORM ${schema}.refuse_other_name(caller);
        IF NOT pg_has_role(caller, table_owner, 'USAGE') THEN
            RAISE EXCEPTION 'table % belongs to %, the caller is %', source, pg_get_userbyid(table_owner), caller
                USING ERRCODE = 'insufficient_privilege',
                      HINT = format('SET ROLE %I, or let the owner of the table call.', pg_get_userbyid(table_owner));
        END IF;
        PERFORM ${schema}.begin_act('release_table');
        DELETE FROM ${schema}.captured_table t
        USING ${schema}.sink s
        WHERE t.source = close_capture.source AND s.sink_id = t.sink_id AND s.name = close_capture.sink
        RETURNING t.* INTO capture;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'table % is not captured for sink %, captured are: %',
                            coalesce(source::text, 'null'), coalesce(quote_literal(sink), 'null'),
                            coalesce((SELECT string_agg(format('%s for %s', t.source, s.name), ', ' ORDER BY t.capture_id)
                                      FROM ${schema}.captured_table t JOIN ${schema}.sink s ON s.sink_id = t.sink_id), 'none')
                USING ERRCODE = 'no_data_found',
                      HINT = 'A table that was dropped while it was captured is named by its number: release_table(12345::regclass, …).';
        END IF;
        EXECUTE format('DROP FUNCTION ${schema}.capture_%s(), ${schema}.capture_%1$s_truncate() CASCADE', capture.capture_id);
        PERFORM ${schema}.record_act('release_table', 'table ' || source,
            format('its changes go to sink %s no more', sink),
            jsonb_build_object('sink', sink, 'aggregate_type', capture.aggregate_type, 'key_columns', capture.key_columns,
                               'captured_at', capture.captured_at, 'captured_by', capture.captured_by,
                               'capture_id', capture.capture_id));
    END
    $$;

CREATE FUNCTION ${schema}.release_table(source regclass, sink text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF EXISTS (SELECT FROM pg_class c
                   WHERE c.oid = source AND c.relkind IN ('r', 'p') AND pg_has_role(current_user, c.relowner, 'USAGE')) THEN
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', source);
        END IF;
        PERFORM ${schema}.close_capture(source, sink, current_user);
        RETURN source::text;
    END
    $$;
COMMENT ON FUNCTION ${schema}.release_table(regclass, text) IS
    'Takes the triggers off the table and its partitions: further changes are not written down. Call it as the owner of the table. Returns the table.';

-- What has changed among the partitions of captured tables: new ones have no trigger yet, gone ones still have theirs, and a
-- captured table that has become a partition itself is written through another one.
CREATE FUNCTION ${schema}.stray_partitions()
    RETURNS TABLE (capture_id integer, source text, sink text, member oid, member_name text, happened text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH capture AS (
            SELECT t.capture_id, t.source, s.name AS sink, c.relispartition,
                   to_regproc(format('${schema}.capture_%s', t.capture_id)) AS function
            FROM ${schema}.captured_table t
            JOIN ${schema}.sink s ON s.sink_id = t.sink_id
            JOIN pg_class c ON c.oid = t.source
        )
        SELECT c.capture_id, c.source::text, c.sink, p.relid::oid, p.relid::text, 'attached'
        FROM capture c
        CROSS JOIN LATERAL pg_partition_tree(c.source) p
        WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = p.relid AND g.tgfoid = c.function)
        UNION ALL
        SELECT DISTINCT c.capture_id, c.source::text, c.sink, g.tgrelid, g.tgrelid::regclass::text, 'detached'
        FROM capture c
        JOIN pg_trigger g ON g.tgfoid = c.function
        WHERE g.tgrelid <> c.source
          AND NOT EXISTS (SELECT FROM pg_partition_tree(c.source) p WHERE p.relid = g.tgrelid)
        UNION ALL
        SELECT c.capture_id, c.source::text, c.sink, c.source::oid, c.source::text, 'captured_alone'
        FROM capture c
        WHERE c.relispartition
        -- What went before what came: a partition may have moved.
        ORDER BY 6 DESC, 1, 5
    $$;

-- What is captured by record only: the table is gone, or triggers of it or of a partition are missing or disabled. A partition
-- without any is a new one, which stray_partitions() finds.
CREATE FUNCTION ${schema}.uncaptured_tables()
    RETURNS TABLE (source text, sink text, member text, problem text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH capture AS (
            SELECT t.source, s.name AS sink, c.oid IS NULL AS gone,
                   to_regproc(format('${schema}.capture_%s', t.capture_id)) AS function,
                   to_regproc(format('${schema}.capture_%s_truncate', t.capture_id)) AS truncate_function
            FROM ${schema}.captured_table t
            JOIN ${schema}.sink s ON s.sink_id = t.sink_id
            LEFT JOIN pg_class c ON c.oid = t.source
        ),
        member AS (
            SELECT c.*, m.relid
            FROM capture c
            CROSS JOIN LATERAL (SELECT c.source AS relid UNION SELECT p.relid FROM pg_partition_tree(c.source) p) m
            WHERE NOT c.gone
        ),
        watched AS (
            -- pg_trigger.tgtype, for each statement: 4 AFTER INSERT, 8 DELETE, 16 UPDATE, 34 BEFORE TRUNCATE.
            SELECT m.source, m.sink, m.relid, found.enabled, found.disabled,
                   m.relid <> m.source OR EXISTS (SELECT FROM pg_partition_tree(m.source)) AS followed
            FROM member m
            CROSS JOIN LATERAL (
                SELECT count(DISTINCT g.tgtype) FILTER (WHERE g.tgenabled IN ('O', 'A')) AS enabled,
                       string_agg(g.tgname, ', ' ORDER BY g.tgname) FILTER (WHERE g.tgenabled NOT IN ('O', 'A')) AS disabled
                FROM pg_trigger g
                WHERE g.tgrelid = m.relid AND g.tgqual IS NULL AND g.tgattr[0] IS NULL
                  AND ((g.tgfoid = m.function AND g.tgtype IN (4, 8, 16)) OR (g.tgfoid = m.truncate_function AND g.tgtype = 34))
            ) found
        )
        SELECT c.source::text, c.sink, c.source::text,
               format('the table is gone: it was dropped or replaced. Next: release_table(%s::regclass, %L), capture what replaces'
                      ' it, and copy or repair its rows', c.source::oid, c.sink)
        FROM capture c
        WHERE c.gone
        UNION ALL
        SELECT w.source::text, w.sink, w.relid::text,
               CASE WHEN w.disabled IS NOT NULL
                    THEN format('these triggers are disabled: %s. Next: ALTER TABLE %s ENABLE TRIGGER each of them',
                                w.disabled, w.relid)
                    ELSE format('%s of its 4 triggers are there. Next: release_table(%L, %L), then capture_table',
                                w.enabled, w.source, w.sink)
               END || '; then copy or repair what was changed meanwhile'
        FROM watched w
        WHERE w.enabled < 4 AND (w.enabled > 0 OR w.disabled IS NOT NULL OR NOT w.followed)
    $$;

-- One reference for each row that came or went with a partition; only for one that has the triggers of this capture, so that
-- nobody lets the schema's owner read anything else.
CREATE FUNCTION ${schema}.refer_to_rows(member regclass, capture_id integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET row_security = off
    SET datestyle = 'ISO, YMD'
    SET timezone = 'UTC'
    AS $$
    DECLARE
        capture  ${schema}.captured_table%ROWTYPE;
        pieces   text[];
        referred bigint;
    BEGIN
        SELECT t.* INTO STRICT capture FROM ${schema}.captured_table t WHERE t.capture_id = refer_to_rows.capture_id;
        IF NOT EXISTS (SELECT FROM pg_trigger g
                       WHERE g.tgrelid = member AND g.tgfoid = format('${schema}.capture_%s', capture.capture_id)::regproc) THEN
            RAISE EXCEPTION 'table % has no triggers of the capture of %', member, capture.source
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Call capture_new_partitions().';
        END IF;
        PERFORM ${schema}.refuse_old_snapshot(member, 'references to its rows');
        pieces := ${schema}.reference_insert(capture, '''''', '$1');
        EXECUTE pieces[1] || 'ONLY ' || member::text || pieces[2] USING member;
        GET DIAGNOSTICS referred = ROW_COUNT;
        RETURN referred;
    END
    $$;

CREATE FUNCTION ${schema}.drop_capture_triggers(member regclass, capture_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        found_name name;
    BEGIN
        FOR found_name IN
            SELECT g.tgname
            FROM pg_trigger g
            WHERE g.tgrelid = member
              AND g.tgfoid IN (format('${schema}.capture_%s', capture_id)::regproc,
                               format('${schema}.capture_%s_truncate', capture_id)::regproc)
        LOOP
            EXECUTE format('DROP TRIGGER %I ON %s', found_name, member);
        END LOOP;
    END
    $$;

-- One partition, with the rights of whoever calls.
CREATE FUNCTION ${schema}.follow_partition(member regclass, capture_id integer, happened text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        member_owner oid := (SELECT c.relowner FROM pg_class c WHERE c.oid = member);
        referred     bigint;
    BEGIN
        CASE happened
            WHEN 'captured_alone' THEN
                RAISE EXCEPTION 'it has become a partition of %, and writes through that one are not seen', pg_partition_root(member)
                    USING ERRCODE = 'object_not_in_prerequisite_state',
                          HINT = format('Release it and capture %s.', pg_partition_root(member));
            WHEN 'attached' THEN
                PERFORM ${schema}.create_capture_triggers(member, capture_id);
                RETURN ${schema}.refer_to_rows(member, capture_id);
            WHEN 'detached' THEN
                -- Before its rows are referred to, all for nothing.
                IF NOT pg_has_role(member_owner, 'USAGE') THEN
                    RAISE EXCEPTION '% was detached and belongs to %, only who owns it may drop its triggers',
                                    member, pg_get_userbyid(member_owner)
                        USING ERRCODE = 'insufficient_privilege', HINT = 'Let its owner call capture_new_partitions().';
                END IF;
                -- Its rows are gone from the captured table.
                EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', member);
                referred := ${schema}.refer_to_rows(member, capture_id);
                PERFORM ${schema}.drop_capture_triggers(member, capture_id);
                RETURN referred;
        END CASE;
    END
    $$;

-- For a relay, which calls it for one partition after the other, each in a transaction of its own. No row: another session is
-- at it, or has done it.
CREATE FUNCTION ${schema}.try_follow_partition(member oid, capture_id integer, happened text, most_rows bigint)
    RETURNS TABLE (referred bigint, busy boolean, problem text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    -- Writers queue behind a lock that is waited for. A guess: what nobody notices.
    SET lock_timeout = '100ms'
    AS $$
    DECLARE
        estimate numeric;
        next_act text;
    BEGIN
        referred := 0;
        busy := false;
        IF NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.capture_new_partitions', 0))
           OR NOT EXISTS (SELECT FROM ${schema}.stray_partitions() s
                          WHERE s.member = try_follow_partition.member AND s.capture_id = try_follow_partition.capture_id
                            AND s.happened = try_follow_partition.happened) THEN
            RETURN;
        END IF;
        -- As the planner does; a hundred rows a page, a guess, where nobody has counted yet.
        SELECT pg_relation_size(c.oid) / current_setting('block_size')::integer
               * CASE WHEN c.reltuples >= 0 AND c.relpages > 0 THEN c.reltuples::numeric / c.relpages ELSE 100 END
        INTO estimate
        FROM pg_class c
        WHERE c.oid = member;
        IF estimate > most_rows AND happened <> 'captured_alone' THEN
            -- Without the number, which changes: it is told once.
            problem := format('it has more than %s rows, and each needs an entry, in one transaction that keeps writers out.'
                              ' Next: call capture_new_partitions() when nobody waits', most_rows);
        ELSE
            BEGIN
                referred := ${schema}.follow_partition(member, capture_id, happened);
            EXCEPTION
                WHEN OTHERS THEN
                    GET STACKED DIAGNOSTICS next_act = PG_EXCEPTION_HINT;
                    busy := SQLSTATE = '55P03';
                    problem := SQLERRM || coalesce('. Next: ' || nullif(next_act, ''), '');
            END;
        END IF;
        RETURN NEXT;
    END
    $$;

-- For a person, in the transaction of ATTACH or DETACH. All or nothing, and all mistakes at once. It waits for a relay that is at
-- a partition, as long as the caller's lock_timeout lets it: an answer without that would be no answer.
CREATE FUNCTION ${schema}.capture_new_partitions()
    RETURNS TABLE (source text, sink text, member text, happened text, referred bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        stray    record;
        mistakes text[] := '{}';
        next_act text;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.capture_new_partitions', 0));
        FOR stray IN SELECT s.* FROM ${schema}.stray_partitions() s LOOP
            source := stray.source;
            sink := stray.sink;
            member := stray.member_name;
            happened := stray.happened;
            BEGIN
                referred := ${schema}.follow_partition(stray.member, stray.capture_id, stray.happened);
                RETURN NEXT;
            EXCEPTION
                -- What ends the call as a whole goes on: a lock that is waited for in vain, a deadlock.
                WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
                    RAISE;
                WHEN OTHERS THEN
                    GET STACKED DIAGNOSTICS next_act = PG_EXCEPTION_HINT;
                    mistakes := mistakes || format('%s, %s %s: %s. Next: %s', source, member, happened, SQLERRM,
                                                   coalesce(nullif(next_act, ''), 'remove the cause and call again'));
            END;
        END LOOP;
        IF mistakes <> '{}' THEN
            RAISE EXCEPTION '% partition% cannot be followed', cardinality(mistakes),
                            CASE WHEN cardinality(mistakes) > 1 THEN 's' ELSE '' END
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      DETAIL = (SELECT string_agg(format('%s. %s', m.position, m.mistake), E'\n' ORDER BY m.position)
                                FROM unnest(mistakes) WITH ORDINALITY AS m (mistake, position)),
                      HINT = 'Nothing was changed. Correct all of them, then call again.';
        END IF;
    END
    $$;
COMMENT ON FUNCTION ${schema}.capture_new_partitions() IS
    'Gives new partitions of captured tables their triggers and refers to the rows that came with them; takes them off detached ones. Call it in the transaction of ATTACH or DETACH, and there is no gap; all of them, or an error. Relays do the same every minute, for what is not too large.';

COMMENT ON FUNCTION ${schema}.base_type(oid) IS 'Part of the capture: the type that a domain is made of.';
COMMENT ON FUNCTION ${schema}.key_text(text, oid, text) IS
    'Part of the capture: the text of a key column, as an expression.';
COMMENT ON FUNCTION ${schema}.refuse_changed_key(regclass, text, text, regtype) IS
    'Part of the capture: refuses a write where a key column has another type now.';
COMMENT ON FUNCTION ${schema}.capture_table_mistakes(regclass, text, name) IS
    'Part of the capture: what is wrong with a table.';
COMMENT ON FUNCTION ${schema}.capture_key_mistakes(regclass, text[]) IS
    'Part of the capture: what is wrong with key columns.';
COMMENT ON FUNCTION ${schema}.capture_binding_mistakes(${schema}.captured_table, text) IS
    'Part of the capture: what is wrong with a table, its sink and its type together.';
COMMENT ON FUNCTION ${schema}.checked_key(text, regclass, text[], text[]) IS
    'Part of the capture: the aggregate id, as an expression.';
COMMENT ON FUNCTION ${schema}.refuse_old_snapshot(regclass, text) IS
    'Part of the capture: refuses a transaction that cannot see what was written before.';
COMMENT ON FUNCTION ${schema}.reference_insert(${schema}.captured_table, text, text) IS
    'Part of the capture: the statement that writes reference entries.';
COMMENT ON FUNCTION ${schema}.create_capture_functions(${schema}.captured_table) IS
    'Part of the capture: generates the trigger functions of a table.';
COMMENT ON FUNCTION ${schema}.refuse_other_name(name) IS
    'Part of the capture: refuses another name than that of the login.';
COMMENT ON FUNCTION ${schema}.open_capture(regclass, text, text, text[], text, name) IS
    'Part of capture_table: checks, and writes the table down.';
COMMENT ON FUNCTION ${schema}.lend_capture(regclass, integer, name) IS
    'Part of the capture: lets the owner of a table create triggers with our functions, in this transaction.';
COMMENT ON FUNCTION ${schema}.return_capture(integer, name) IS 'Part of the capture: ends lend_capture.';
COMMENT ON FUNCTION ${schema}.return_lent_capture() IS
    'Part of the capture: ends lend_capture at the end of a transaction that has not.';
COMMENT ON FUNCTION ${schema}.create_capture_triggers(regclass, integer) IS
    'Part of the capture: the triggers on one table or partition.';
COMMENT ON FUNCTION ${schema}.close_capture(regclass, text, name) IS
    'Part of release_table: takes the table off the registry.';
COMMENT ON FUNCTION ${schema}.stray_partitions() IS
    'For relays: partitions of captured tables that came or went and were not followed yet.';
COMMENT ON FUNCTION ${schema}.uncaptured_tables() IS
    'For relays: captured tables whose triggers are missing or disabled, and what to do.';
COMMENT ON FUNCTION ${schema}.refer_to_rows(regclass, integer) IS
    'Part of the capture: writes a reference entry for each row. Returns how many.';
COMMENT ON FUNCTION ${schema}.drop_capture_triggers(regclass, integer) IS
    'Part of the capture: takes the triggers off a table or partition.';
COMMENT ON FUNCTION ${schema}.follow_partition(regclass, integer, text) IS
    'Part of the capture: gives one partition its triggers, or takes them off.';
COMMENT ON FUNCTION ${schema}.try_follow_partition(oid, integer, text, bigint) IS
    'For relays: follows one partition, unless it is too large or locked.';

REVOKE EXECUTE ON FUNCTION
    ${schema}.base_type(oid),
    ${schema}.key_text(text, oid, text),
    ${schema}.refuse_changed_key(regclass, text, text, regtype),
    ${schema}.capture_table_mistakes(regclass, text, name),
    ${schema}.capture_key_mistakes(regclass, text[]),
    ${schema}.capture_binding_mistakes(${schema}.captured_table, text),
    ${schema}.checked_key(text, regclass, text[], text[]),
    ${schema}.refuse_old_snapshot(regclass, text),
    ${schema}.reference_insert(${schema}.captured_table, text, text),
    ${schema}.create_capture_functions(${schema}.captured_table),
    ${schema}.refuse_other_name(name),
    ${schema}.open_capture(regclass, text, text, text[], text, name),
    ${schema}.lend_capture(regclass, integer, name),
    ${schema}.return_capture(integer, name),
    ${schema}.return_lent_capture(),
    ${schema}.create_capture_triggers(regclass, integer),
    ${schema}.capture_table(regclass, text, text, text[], text),
    ${schema}.close_capture(regclass, text, name),
    ${schema}.release_table(regclass, text),
    ${schema}.stray_partitions(),
    ${schema}.refer_to_rows(regclass, integer),
    ${schema}.drop_capture_triggers(regclass, integer),
    ${schema}.uncaptured_tables(),
    ${schema}.follow_partition(regclass, integer, text),
    ${schema}.try_follow_partition(oid, integer, text, bigint),
    ${schema}.capture_new_partitions()
FROM PUBLIC;

UPDATE ${schema}.control SET schema_version = 4;
