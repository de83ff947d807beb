-- The service's own table.
CREATE TABLE customer_order (
    order_id text PRIMARY KEY,
    content  jsonb NOT NULL
);
