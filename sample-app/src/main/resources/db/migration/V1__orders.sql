-- The tables of the order service.

-- Increments as in the entities' allocationSize: one call to the database for so many new rows.
CREATE SEQUENCE order_seq INCREMENT BY 50;
CREATE SEQUENCE order_line_seq INCREMENT BY 100;

CREATE TABLE orders (
    id         bigint       NOT NULL,
    version    bigint       NOT NULL,
    updated_at timestamptz  NOT NULL,
    status     varchar(20)  NOT NULL,
    customer   varchar(200) NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_status_known CHECK (status IN ('NEW', 'PAID', 'SHIPPED', 'CANCELLED'))
);

CREATE TABLE order_line (
    id               bigint      NOT NULL,
    order_id         bigint      NOT NULL,
    unit_price_cents bigint      NOT NULL,
    position         integer     NOT NULL,
    quantity         integer     NOT NULL,
    sku              varchar(64) NOT NULL,
    CONSTRAINT order_line_pkey PRIMARY KEY (id),
    CONSTRAINT order_line_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT order_line_position_unique UNIQUE (order_id, position),
    CONSTRAINT order_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT order_line_price_not_negative CHECK (unit_price_cents >= 0)
);
