package dev.dualwrite.sample.demo;

import java.util.Locale;

/**
 * How the dual write stands.
 *
 * @param address where the service listens
 * @param dataPercent how much of the sample data is loaded
 * @param written entries written since the start, and those that were waiting then
 * @param applied entries applied since the start
 * @param lagSeconds age of the oldest entry that is not applied
 * @param stuck entries that failed
 */
record Status(String address, int dataPercent, long written, long applied, double lagSeconds, long stuck) {

    /** One line for a terminal. */
    String line() {
        String start = dataPercent < 100 ? "loading sample data " + dataPercent + " %" : address;
        return String.format(
                Locale.ROOT,
                "%s  written %,d  applied %,d  lag %.1f s  stuck %,d",
                start,
                written,
                applied,
                lagSeconds,
                stuck);
    }
}
