-- How much of the demo's sample data is loaded; raised in the transaction that loads it, so a kill in between repeats nothing.
CREATE TABLE demo_data (
    only_row boolean NOT NULL DEFAULT true,
    loaded   integer NOT NULL DEFAULT 0,
    CONSTRAINT demo_data_pkey PRIMARY KEY (only_row),
    CONSTRAINT demo_data_has_one_row CHECK (only_row)
);
INSERT INTO demo_data DEFAULT VALUES;
