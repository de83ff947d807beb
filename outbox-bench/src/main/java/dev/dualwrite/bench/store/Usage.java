package dev.dualwrite.bench.store;

/**
 * What a server has used. Immutable.
 *
 * @param cpuNanos processor time of all its processes; not a number where the system does not say
 * @param walBytes written to its log
 */
public record Usage(double cpuNanos, long walBytes) {

    /** What was used since then. */
    public Usage since(Usage earlier) {
        return new Usage(cpuNanos - earlier.cpuNanos, walBytes - earlier.walBytes);
    }
}
