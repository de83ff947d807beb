-- What a service would have. Once the relay runs: SELECT dualwrite.capture_table('orders', 'orders-copy', 'order', '{id}');
CREATE TABLE orders (
    id text PRIMARY KEY,
    note text NOT NULL
);
