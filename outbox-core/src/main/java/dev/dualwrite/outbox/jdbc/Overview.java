package dev.dualwrite.outbox.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the outbox of one primary stands: a look at its views. Immutable.
 *
 * @param sinks every sink that the database knows, by name
 * @param relays every start of a relay that the database still knows, the oldest first; at most 1,000
 */
public record Overview(List<SinkOverview> sinks, List<KnownRelay> relays) {

    public Overview {
        sinks = List.copyOf(sinks);
        relays = List.copyOf(relays);
    }

    /** How many relays are alive. */
    public long livingRelays() {
        return relays.stream().filter(KnownRelay::alive).count();
    }

    /**
     * One sink.
     *
     * @param state running, paused (by a person) or tripped (its store does not work)
     * @param reason why it does not run; absent if nothing is known against it
     * @param since since when it is paused or tripped
     * @param pausedBy who paused it
     * @param relays how many living relays carry it
     * @param trippedRelays at how many of them its breaker is open
     * @param lanes how many lanes it has
     * @param unheldLanes how many of them no living relay holds
     */
    public record SinkOverview(
            String sink,
            String state,
            @Nullable String reason,
            @Nullable Instant since,
            @Nullable String pausedBy,
            int relays,
            int trippedRelays,
            Backlog backlog,
            int lanes,
            int unheldLanes) {}

    /**
     * What is not applied.
     *
     * @param entries how many
     * @param estimated whether there are too many to count them
     * @param oldestAppendedAt of those that can still get on by themselves; absent without any
     * @param lag the age of that one, zero without one
     * @param dead how many wait for a person
     * @param blocked how many wait behind another one of their aggregate
     * @param backingOff how many have failed and are tried again
     */
    public record Backlog(
            long entries,
            boolean estimated,
            @Nullable Instant oldestAppendedAt,
            Duration lag,
            long dead,
            long blocked,
            long backingOff) {}

    /**
     * One start of a relay.
     *
     * @param host host name and process id
     * @param alive whether its last heartbeat still counts
     * @param shardsHeld how many lanes it holds a living lease on
     * @param fairShare how many lanes it should hold, as it computed itself
     */
    public record KnownRelay(
            UUID relay,
            String host,
            Instant startedAt,
            Instant heartbeatAt,
            boolean alive,
            List<String> sinks,
            int shardsHeld,
            int fairShare) {

        public KnownRelay {
            sinks = List.copyOf(sinks);
        }
    }
}
