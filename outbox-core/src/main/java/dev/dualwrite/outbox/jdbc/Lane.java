package dev.dualwrite.outbox.jdbc;

/**
 * A sink and a shard: the unit of leasing and of order.
 *
 * @param shard in {@code [0, shard-count)}
 * @param lockName the name of its lock in ShedLock's table
 */
public record Lane(short sinkId, int shard, String lockName) {

    @Override
    public String toString() {
        return lockName;
    }
}
