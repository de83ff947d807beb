-- Back to V3. Release every captured table first: triggers of those that are left would fail each write.
-- ${schema} is dualwrite.schema.name.
DROP TABLE ${schema}.captured_entity;
DROP TABLE ${schema}.captured_table;
UPDATE ${schema}.control SET schema_version = 3;
