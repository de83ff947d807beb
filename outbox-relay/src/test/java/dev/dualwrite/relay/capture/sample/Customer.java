package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.SecondaryTable;
import java.util.ArrayList;
import java.util.List;

/** A natural identifier with any characters, a second table, a converter, a list with an order. */
@Entity
@SecondaryTable(name = "customer_profile")
@Captured(sinks = "customer")
public class Customer {

    /** One way to call. */
    @Embeddable
    public record Phone(String kind, String number) {}

    @Id
    public String name;

    @Convert(converter = Yards.class)
    public Integer distance;

    @Column(table = "customer_profile", columnDefinition = "text")
    public String biography;

    @ElementCollection
    @CollectionTable(name = "customer_phones")
    @OrderColumn(name = "place")
    public List<Phone> phones = new ArrayList<>();

    protected Customer() {}

    public Customer(String name) {
        this.name = name;
    }
}
