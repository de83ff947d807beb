package dev.dualwrite.relay.apply;

import java.time.Duration;

/**
 * How entries are claimed. Immutable.
 *
 * @param batchSize entries of one batch, from 1
 * @param batchMaxBytes payload bytes of one batch; an entry that is larger makes a batch of its own
 * @param pollInterval the longest time between two looks at the primary
 * @param workersPerSink how many lanes of one sink are applied at once
 */
public record ClaimConfig(int batchSize, long batchMaxBytes, Duration pollInterval, int workersPerSink) {

    /** A batch is in memory some ten times over at the sink: as bytes, as text, parsed, and as parameters. */
    private static final int SHARE_OF_HEAP = 128;

    private static final int WORKERS_OF_A_SHARE = 4;
    private static final long SMALLEST_SHARE = 256 * 1024;

    /** The same with batches so small that those of all workers fit into a heap of that size. */
    public ClaimConfig within(long heapBytes, int sinks) {
        long parts = (long) SHARE_OF_HEAP
                * Math.max(1, sinks)
                * Math.max(1, (workersPerSink + WORKERS_OF_A_SHARE - 1) / WORKERS_OF_A_SHARE);
        long share = Math.max(SMALLEST_SHARE, heapBytes / parts);
        return new ClaimConfig(batchSize, Math.min(batchMaxBytes, share), pollInterval, workersPerSink);
    }
}
