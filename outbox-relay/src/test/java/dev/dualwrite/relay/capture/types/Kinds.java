package dev.dualwrite.relay.capture.types;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** Fields are named like their columns. */
@Entity
@Captured(aggregate = "kinds", sinks = "kinds")
public class Kinds {

    /** A type of its own in the database. */
    public enum Colour {
        RED,
        GREEN
    }

    @Id
    public UUID id;

    public BigDecimal amount;
    public Instant moment;
    public LocalDateTime stamp;
    public LocalDate day;
    public LocalTime clock;

    @JdbcTypeCode(SqlTypes.INTERVAL_SECOND)
    public Duration lapse;

    public Duration nanos;
    public String[] texts;
    public int[] ints;
    public List<UUID> refs;

    @JdbcTypeCode(SqlTypes.JSON)
    public String doc;

    public byte[] bytes;

    @JdbcTypeCode(SqlTypes.NAMED_ENUM)
    public Colour colour;

    public Boolean flag;
    public Double ratio;
    public Float part;
    public Long number;
    public Character letter;
    public String words;

    protected Kinds() {}

    public Kinds(UUID id) {
        this.id = id;
    }
}
