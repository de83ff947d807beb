package dev.dualwrite.sample.order;

import dev.dualwrite.sample.order.OrderRequest.Line;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.hibernate.Hibernate;
import org.hibernate.annotations.BatchSize;

/** An order: the root of its lines. Confined to the transaction that loaded it. */
@Entity
@Table(name = "orders")
@SuppressWarnings("NullAway.Init") // JPA fills the fields
public class Order {

    /** Ten billion, in cents: far above any order, far below what a bigint or a JavaScript number can hold. */
    static final long MAX_TOTAL_CENTS = 1_000_000_000_000L;

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "order_seq")
    @SequenceGenerator(name = "order_seq", sequenceName = "order_seq", allocationSize = 50)
    private Long id;

    @Version
    private long version;

    private String customer;

    @Enumerated(EnumType.STRING)
    private OrderStatus status;

    private Instant updatedAt;

    @OneToMany(mappedBy = "order", cascade = CascadeType.ALL, orphanRemoval = true)
    @OrderBy("position")
    @BatchSize(size = 100)
    private List<OrderLine> lines = new ArrayList<>();

    protected Order() {}

    Order(OrderRequest request, Instant now) {
        this.updatedAt = now.truncatedTo(ChronoUnit.MICROS);
        fill(request);
    }

    /** Makes this order say what the request says. */
    void replace(OrderRequest request, Instant now) {
        // Always a change of the root row, also when only lines differ or the clock stands still: so the version rises.
        Instant next = updatedAt.plus(1, ChronoUnit.MICROS);
        this.updatedAt = next.isBefore(now) ? now.truncatedTo(ChronoUnit.MICROS) : next;
        fill(request);
    }

    private void fill(OrderRequest request) {
        this.customer = request.customer();
        this.status = request.status();
        // In place, line by line: Hibernate inserts before it deletes, new rows would meet the old ones' positions.
        for (int i = 0; i < request.lines().size(); i++) {
            Line line = request.lines().get(i);
            if (i == lines.size()) {
                lines.add(new OrderLine(this, i));
            }
            lines.get(i).fill(line);
        }
        lines.subList(request.lines().size(), lines.size()).clear();
        if (totalCents() > MAX_TOTAL_CENTS) {
            throw new InvalidOrderException(
                    "lines", "come to " + totalCents() + " cents, at most " + MAX_TOTAL_CENTS + " are allowed");
        }
    }

    /** The sum of the lines. It cannot overflow: the request limits the lines, and each quantity and price. */
    long totalCents() {
        return lines.stream().mapToLong(OrderLine::totalCents).sum();
    }

    /** Reads the lines, of all orders of a page at once, while there is a transaction to read them in. */
    void load() {
        Hibernate.initialize(lines);
    }

    long id() {
        return id;
    }

    long version() {
        return version;
    }

    String customer() {
        return customer;
    }

    OrderStatus status() {
        return status;
    }

    Instant updatedAt() {
        return updatedAt;
    }

    List<OrderLine> lines() {
        return Collections.unmodifiableList(lines);
    }
}
