CREATE TABLE known_shards AS
SELECT shard_count AS shards
FROM dualwrite.control;
