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
public record ClaimConfig(int batchSize, long batchMaxBytes, Duration pollInterval, int workersPerSink) {}
