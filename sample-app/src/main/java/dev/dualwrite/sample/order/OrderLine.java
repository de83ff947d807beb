package dev.dualwrite.sample.order;

import dev.dualwrite.sample.order.OrderRequest.Line;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;

/** One article of an order, and how many of it. */
@Entity
@Table(name = "order_line")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // JPA fills the fields, and reads them
class OrderLine {

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "order_line_seq")
    @SequenceGenerator(name = "order_line_seq", sequenceName = "order_line_seq", allocationSize = 100)
    private Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "order_id", updatable = false)
    private Order order;

    private int position;
    private String sku;
    private int quantity;
    private long unitPriceCents;

    protected OrderLine() {}

    OrderLine(Order order, int position) {
        this.order = order;
        this.position = position;
    }

    void fill(Line line) {
        this.sku = line.sku();
        this.quantity = line.quantity();
        this.unitPriceCents = line.unitPriceCents();
    }

    String sku() {
        return sku;
    }

    int quantity() {
        return quantity;
    }

    long unitPriceCents() {
        return unitPriceCents;
    }

    long totalCents() {
        return quantity * unitPriceCents;
    }
}
