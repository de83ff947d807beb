-- Back to V1. Stop every relay first. What is lost: who pauses which sink, and which entries were tried alone.
-- ${schema} is dualwrite.schema.name.
DROP FUNCTION ${schema}.observe_primary(integer, bigint);
DROP FUNCTION ${schema}.primary_identity();
ALTER TABLE ${schema}.held_entry DROP COLUMN unfinished, DROP COLUMN suspect;
ALTER TABLE ${schema}.sink DROP COLUMN paused_at, DROP COLUMN paused_by, DROP COLUMN paused_reason;
ALTER TABLE ${schema}.lane DROP COLUMN unclean_takeovers;
DROP TABLE ${schema}.hand_over;
DROP TABLE ${schema}.relay_sink;
DROP TABLE ${schema}.relay;
ALTER TABLE ${schema}.control DROP COLUMN primary_identity, DROP COLUMN stuck_after;
UPDATE ${schema}.control SET schema_version = 1;
