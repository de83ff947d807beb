-- What is captured without a call of append: tables by trigger, entities by JPA.
-- Lock taken: none that a running service could notice (only new objects). Run time: milliseconds.
-- Undo: ../undo/V4__capture.sql

CREATE TABLE ${schema}.captured_table (
    captured_at    timestamptz NOT NULL DEFAULT now(),
    -- Not its text: a renamed table stays captured. Not a number: a dump writes the name, so a restore finds it again.
    source         regclass    NOT NULL,
    sink_id        smallint    NOT NULL,
    aggregate_type text        NOT NULL,
    key_columns    text[]      NOT NULL,
    on_truncate    text        NOT NULL,
    captured_by    text        NOT NULL,
    CONSTRAINT captured_table_pkey PRIMARY KEY (source, sink_id),
    CONSTRAINT captured_table_sink_fkey FOREIGN KEY (sink_id) REFERENCES ${schema}.sink (sink_id),
    CONSTRAINT captured_table_has_key CHECK (cardinality(key_columns) > 0),
    CONSTRAINT captured_table_on_truncate_known CHECK (on_truncate IN ('refuse', 'record'))
);
COMMENT ON TABLE ${schema}.captured_table IS
    'Tables whose changes triggers write down as reference entries; the relay loads the rows of an aggregate type from here.';
COMMENT ON COLUMN ${schema}.captured_table.key_columns IS 'The parts of the aggregate id, in their order.';

CREATE TABLE ${schema}.captured_entity (
    source regclass NOT NULL,
    entity text     NOT NULL,
    CONSTRAINT captured_entity_pkey PRIMARY KEY (source, entity)
);
COMMENT ON TABLE ${schema}.captured_entity IS
    'Tables of the entities that the service captures through JPA, as it said at its last start; no trigger may capture them too.';

UPDATE ${schema}.control SET schema_version = 4;
