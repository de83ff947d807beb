package dev.dualwrite.relay.capture.sample;

import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;

/** An embeddable with another in it. */
@Embeddable
public class Address {

    /** Where it is. */
    @Embeddable
    public static class Place {

        public Integer east;
        public Integer north;
    }

    public String street;

    @Embedded
    public Place place;
}
