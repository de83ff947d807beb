-- Takes the outbox away with everything in it. Stop every service and relay that uses it first: entries that are not
-- applied are lost. ${schema} is dualwrite.schema.name.
DROP SCHEMA ${schema} CASCADE;
