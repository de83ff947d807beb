package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.DiscriminatorColumn;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;

/** A hierarchy in one table. */
@Entity
@Inheritance(strategy = InheritanceType.SINGLE_TABLE)
@DiscriminatorColumn(name = "kind")
@Captured(sinks = "vehicle")
public abstract class Vehicle {

    @Id
    public Integer id;

    public Integer wheels;

    /** One of them. */
    @Entity
    @DiscriminatorValue("C")
    public static class Car extends Vehicle {
        public Integer doors;
    }

    /** The other. */
    @Entity
    @DiscriminatorValue("T")
    public static class Truck extends Vehicle {
        public Integer load;
    }
}
