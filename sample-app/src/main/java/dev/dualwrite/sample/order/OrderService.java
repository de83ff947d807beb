package dev.dualwrite.sample.order;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads and writes orders. Each write leaves its outbox entry in the same transaction: both are there, or neither. */
@Service
public class OrderService {

    private static final int PAGE_SIZE = 20;

    private final OrderRepository orders;
    private final Outbox outbox;
    private final Clock clock;

    OrderService(OrderRepository orders, Outbox outbox, Clock clock) {
        this.orders = orders;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Transactional
    public Order create(OrderRequest request) {
        Order order = orders.save(new Order(request, clock.instant()));
        outbox.append(upsertOf(order));
        return order;
    }

    /** Creates many orders in one transaction, in batches of statements. */
    @Transactional
    public void createAll(List<OrderRequest> requests) {
        requests.forEach(this::create);
    }

    /** Replaces what an order says; empty if there is none of this id. */
    @Transactional
    public Optional<Order> replace(long id, OrderRequest request) {
        return orders.findLockedById(id).map(order -> {
            order.replace(request, clock.instant());
            outbox.append(upsertOf(order));
            return order;
        });
    }

    /** Deletes an order; false if there is none of this id. */
    @Transactional
    public boolean delete(long id) {
        return orders.findLockedById(id)
                .map(order -> {
                    orders.delete(order);
                    outbox.append(OutboxEntry.delete(Aggregate.of("order", id)));
                    return true;
                })
                .orElse(false);
    }

    @Transactional(readOnly = true)
    Optional<Order> find(long id) {
        return orders.findWithLinesById(id);
    }

    /** One page of all orders, by id, oldest first: an order does not move to another page because it was changed. */
    @Transactional(readOnly = true)
    Page<Order> page(int page) {
        Page<Order> found = orders.findAll(PageRequest.of(page, PAGE_SIZE, Sort.by("id")));
        found.forEach(Order::load);
        return found;
    }

    /** A supplier, asked at the end of the transaction: only then are the id and the version known for sure. */
    private static OutboxEntry upsertOf(Order order) {
        return OutboxEntry.upsert(Aggregate.of("order", order.id()), () -> OrderDocument.of(order));
    }
}
