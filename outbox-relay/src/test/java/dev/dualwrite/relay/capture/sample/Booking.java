package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.ManyToOne;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.Objects;

/** A composite identifier over several attributes, and an association to one with a composite identifier. */
@Entity
@IdClass(Booking.Key.class)
@Captured(sinks = "booking")
public class Booking {

    /** The identifier. */
    public static class Key implements Serializable {

        public LocalDate day;
        public Integer room;

        protected Key() {}

        public Key(LocalDate day, Integer room) {
            this.day = day;
            this.room = room;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && day.equals(key.day) && room.equals(key.room);
        }

        @Override
        public int hashCode() {
            return Objects.hash(day, room);
        }
    }

    @Id
    public LocalDate day;

    @Id
    public Integer room;

    public String guest;

    @ManyToOne(fetch = FetchType.LAZY)
    public Seat seat;

    protected Booking() {}

    public Booking(Key key) {
        day = key.day;
        room = key.room;
    }
}
