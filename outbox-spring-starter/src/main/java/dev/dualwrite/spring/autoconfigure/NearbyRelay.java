package dev.dualwrite.spring.autoconfigure;

/** The relay of this process, as far as it spares the database a NOTIFY. Thread-safe; returns at once. */
@FunctionalInterface
public interface NearbyRelay {

    /**
     * Whether it holds every lane of every sink that this process appends to, so that no relay elsewhere needs to be woken. One
     * that takes a lane over a moment later looks at it then anyway.
     */
    boolean holdsEveryLane();
}
