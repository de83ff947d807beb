package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.Version;
import java.math.BigDecimal;

/** A hierarchy in joined tables. */
@Entity
@Inheritance(strategy = InheritanceType.JOINED)
@Captured(sinks = "payment")
public abstract class Payment {

    @Id
    public Integer id;

    @Version
    public Long version;

    @Column(precision = 12, scale = 3)
    public BigDecimal amount;

    /** One of them. */
    @Entity(name = "Card")
    public static class ByCard extends Payment {
        public String card;
    }

    /** The other. */
    @Entity(name = "Bank")
    public static class ByBank extends Payment {
        public String account;
    }
}
