package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;

/** A composite identifier in a class of its own. */
@Entity
@Captured(sinks = "seat")
public class Seat {

    /** Where it is. */
    @Embeddable
    public record Place(@Column(name = "hall_row") String row, Integer number) {}

    /** An enum that is stored as its place. */
    public enum Category {
        FRONT,
        BACK
    }

    @EmbeddedId
    public Place place;

    public Category category;

    protected Seat() {}

    public Seat(Place place) {
        this.place = place;
    }
}
