CREATE TABLE orders (
    id     text NOT NULL PRIMARY KEY,
    status text NOT NULL
);
