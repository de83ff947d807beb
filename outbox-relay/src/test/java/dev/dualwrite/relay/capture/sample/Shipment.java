package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.PartOf;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.MapsId;
import jakarta.persistence.OneToOne;
import java.util.UUID;

/** A child whose identifier is its parent's. */
@Entity
@PartOf("order")
public class Shipment {

    @Id
    public UUID id;

    @MapsId
    @OneToOne(fetch = FetchType.LAZY, optional = false)
    public Order order;

    public String carrier;

    protected Shipment() {}

    public Shipment(Order order, String carrier) {
        this.order = order;
        this.carrier = carrier;
    }
}
