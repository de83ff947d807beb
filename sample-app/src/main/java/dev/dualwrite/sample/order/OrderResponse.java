package dev.dualwrite.sample.order;

import java.util.List;

/** What a client gets: the order as it was sent, with its id and version. */
record OrderResponse(long id, long version, String customer, OrderStatus status, List<Line> lines) {

    /** One line of it. */
    record Line(String sku, int quantity, long unitPriceCents) {}

    static OrderResponse of(Order order) {
        return new OrderResponse(
                order.id(),
                order.version(),
                order.customer(),
                order.status(),
                order.lines().stream()
                        .map(line -> new Line(line.sku(), line.quantity(), line.unitPriceCents()))
                        .toList());
    }
}
