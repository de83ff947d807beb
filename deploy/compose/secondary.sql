-- The copy, with the column that keeps an older entry from overwriting a newer one.
CREATE TABLE orders_copy (
    id text PRIMARY KEY,
    note text,
    dualwrite_version bigint NOT NULL
);
