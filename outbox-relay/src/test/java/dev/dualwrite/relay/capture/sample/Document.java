package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import java.util.UUID;

/** A hierarchy in a table for each class, with an attribute that is named like the field for the kind. */
@Entity
@Inheritance(strategy = InheritanceType.TABLE_PER_CLASS)
@Captured(sinks = "document")
public abstract class Document {

    @Id
    @GeneratedValue
    public UUID id;

    public String type;

    /** One of them. */
    @Entity(name = "Invoice")
    public static class Invoice extends Document {
        public String debtor;
    }

    /** The other. */
    @Entity(name = "Receipt")
    public static class Receipt extends Document {
        public String payer;
    }
}
