package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OneToOne;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A root with children, grandchildren, collections of every kind and embeddables in one another. */
@Entity
@Table(name = "orders")
@Captured(sinks = "order")
public class Order {

    /** In which state an order is. */
    public enum Status {
        NEW,
        PAID,
        SHIPPED
    }

    @Id
    public UUID id;

    @Version
    public Integer version;

    @Enumerated(EnumType.STRING)
    public Status status = Status.NEW;

    @Column(precision = 12, scale = 2)
    public BigDecimal total;

    @Embedded
    public Address address;

    @ManyToOne(fetch = FetchType.LAZY)
    public Customer customer;

    @OneToMany(mappedBy = "order", cascade = CascadeType.ALL, orphanRemoval = true)
    public List<OrderLine> lines = new ArrayList<>();

    @OneToOne(mappedBy = "order", cascade = CascadeType.ALL, orphanRemoval = true)
    public Shipment shipment;

    @ElementCollection
    public Set<String> tags = new HashSet<>();

    @ElementCollection
    public Map<String, BigDecimal> discounts = new HashMap<>();

    protected Order() {}

    public Order(UUID id) {
        this.id = id;
    }
}
