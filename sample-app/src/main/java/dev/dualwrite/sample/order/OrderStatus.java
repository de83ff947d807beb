package dev.dualwrite.sample.order;

/** Where an order is in its life. */
public enum OrderStatus {
    NEW,
    PAID,
    SHIPPED,
    CANCELLED
}
