package dev.dualwrite.sample.order;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** What the secondary store holds of an order: one row, lines and totals folded in. Its properties are the columns there. */
@JsonNaming(SnakeCaseStrategy.class)
record OrderDocument(
        long id,
        String customer,
        OrderStatus status,
        int lineCount,
        long totalCents,
        List<Line> lines,
        long version,
        Instant updatedAt) {

    /** One line of it, with the names of the API. */
    record Line(String sku, int quantity, long unitPriceCents) {}

    static OrderDocument of(Order order) {
        List<Line> lines = order.lines().stream()
                .map(line -> new Line(line.sku(), line.quantity(), line.unitPriceCents()))
                .toList();
        return new OrderDocument(
                order.id(),
                order.customer(),
                order.status(),
                lines.size(),
                order.totalCents(),
                lines,
                order.version(),
                order.updatedAt());
    }
}
