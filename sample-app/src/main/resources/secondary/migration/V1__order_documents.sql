-- The secondary store's own shape: one row an order, lines and totals folded in.
CREATE TABLE order_documents (
    id                bigint      NOT NULL,
    customer          text        NOT NULL,
    status            text        NOT NULL,
    line_count        integer     NOT NULL,
    total_cents       bigint      NOT NULL,
    lines             jsonb       NOT NULL,
    version           bigint      NOT NULL,
    updated_at        timestamptz NOT NULL,
    dualwrite_version bigint      NOT NULL,
    CONSTRAINT order_documents_pkey PRIMARY KEY (id)
);
COMMENT ON COLUMN order_documents.version IS 'The version of the order, as its clients see it.';
COMMENT ON COLUMN order_documents.dualwrite_version IS 'Guards every write: only a newer one may replace it.';
