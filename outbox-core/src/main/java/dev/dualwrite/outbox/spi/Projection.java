package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.Aggregate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns an aggregate's state into the shape that a secondary store has. Named by {@code dualwrite.sinks.<name>.projection}; used
 * wherever states are carried to that store or compared with it.
 *
 * <p>Pure: no I/O, no clock, no chance, the same answer for the same source, which it leaves as it is. Thread-safe.
 */
public interface Projection {

    /** For logs and errors. */
    String name();

    /**
     * Raised whenever the same source gives another answer, from 1: rows that were written before are then in the old shape until
     * their aggregates are carried over again.
     */
    int version();

    /**
     * For each payload type that it takes the newest schema version that it was written for, the one that upcasters lead to. What a
     * newer service appends is beyond it: those entries wait for a newer relay, and are not projected by what does not know
     * their fields. At least one; {@code dualwrite.sinks.<name>.payload-types} can allow less, not more. Always the same.
     */
    Map<String, Integer> takes();

    /**
     * The state in the secondary's shape, see {@link PayloadTree}; empty if this aggregate has no place there, and is removed.
     *
     * @throws RuntimeException if this state has no answer: its entry is dead at once and waits for a person, who sees the
     *     exception's class and place, not its message
     */
    Optional<Map<String, @Nullable Object>> project(Source source);

    /** States of every kind that it meets, at least one. They are projected at each start, and in tests. */
    List<Source> samples();

    /**
     * Projects samples and finds everything that is wrong with the answers: exceptions, a second answer that differs, a changed
     * source, values that are not JSON. Each finding names its sample by its place in the list.
     */
    default List<String> check(List<Source> samples) {
        return ProjectionCheck.findings(this, samples);
    }

    /**
     * A state as the source has it.
     *
     * @param aggregate whose state it is
     * @param state as {@link PayloadTree} describes, in the newest schema version
     */
    record Source(Aggregate aggregate, Map<String, @Nullable Object> state) {}
}
