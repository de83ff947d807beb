package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.PartOf;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import java.util.ArrayList;
import java.util.List;

/** A child without a version, which can move to another root. */
@Entity
@PartOf("order")
public class OrderLine {

    @Id
    @GeneratedValue
    public Long id;

    public int quantity;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    public Order order;

    @OneToMany(mappedBy = "line", cascade = CascadeType.ALL, orphanRemoval = true)
    public List<LineNote> notes = new ArrayList<>();

    protected OrderLine() {}

    public OrderLine(Order order, int quantity) {
        this.order = order;
        this.quantity = quantity;
    }
}
