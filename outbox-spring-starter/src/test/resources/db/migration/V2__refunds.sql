CREATE TABLE refunds (
    id text NOT NULL PRIMARY KEY
);
