package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.util.List;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** Attributes of types that are no plain columns. */
@Entity
@Captured(sinks = "gadget")
public class Gadget {

    /** An enum with a type of its own in the database. */
    public enum Colour {
        RED,
        GREEN
    }

    @Id
    public Integer id;

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, Object> settings;

    public String[] names;

    public List<Integer> numbers;

    @JdbcTypeCode(SqlTypes.NAMED_ENUM)
    public Colour colour;

    public byte[] picture;

    public boolean active;

    protected Gadget() {}

    public Gadget(Integer id) {
        this.id = id;
    }
}
