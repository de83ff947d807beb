package dev.dualwrite.sample;

import dev.dualwrite.sample.order.OrderRequest;
import dev.dualwrite.sample.order.OrderStatus;
import java.util.List;
import java.util.stream.IntStream;

/** Orders for tests. */
public final class Orders {

    private static final List<OrderStatus> STATUSES = List.of(OrderStatus.values());

    private Orders() {}

    /** The order of a customer at a revision: another revision differs in every field, and in the number of lines. */
    public static OrderRequest revision(String customer, int revision) {
        return new OrderRequest(
                customer + " revision " + revision,
                STATUSES.get(revision % STATUSES.size()),
                IntStream.rangeClosed(0, (revision * 5) % 7)
                        .mapToObj(i -> new OrderRequest.Line("SKU-" + revision + "-" + i, 1 + i, 100L * revision + i))
                        .toList());
    }
}
