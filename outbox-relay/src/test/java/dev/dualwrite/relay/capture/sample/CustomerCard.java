package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.MapsId;
import jakarta.persistence.OneToOne;

/** A root whose identifier is that of another aggregate. */
@Entity
@Captured(sinks = "customer-card")
public class CustomerCard {

    @Id
    public String id;

    @MapsId
    @OneToOne(fetch = FetchType.LAZY, optional = false)
    public Customer customer;

    public int points;

    protected CustomerCard() {}

    public CustomerCard(Customer customer) {
        this.customer = customer;
    }
}
