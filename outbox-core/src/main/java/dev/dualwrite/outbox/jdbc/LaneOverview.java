package dev.dualwrite.outbox.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One lane: a shard of a sink. Immutable.
 *
 * @param holder the relay whose lease on it is alive; absent if there is none
 * @param holderAlive whether that relay's last heartbeat still counts: a lane is worked only then
 * @param fencingToken rises with each holder
 * @param leasedUntil when the lease ends unless it is renewed; absent if it is not alive
 * @param lag the age of its oldest hot entry, zero without one
 */
public record LaneOverview(
        String sink,
        int shard,
        @Nullable UUID holder,
        boolean holderAlive,
        long fencingToken,
        @Nullable Instant leasedUntil,
        Duration lag) {}
