package dev.dualwrite.outbox.jdbc;

import java.util.UUID;

/**
 * The right to settle one lane, as long as nobody took the lane over: a settle with an older token does nothing.
 *
 * @param fencingToken rises with each holder of the lane
 * @param holder the relay start that took the lane
 */
public record LaneRight(Lane lane, long fencingToken, UUID holder) {}
