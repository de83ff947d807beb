package dev.dualwrite.relay.observe;

/**
 * What became of a batch, now that the primary has taken it in. Immutable; the arrays are not copied.
 *
 * @param entries how many were settled: done, and put aside
 * @param coalesced how many of those done were not sent, since a newer one of their aggregate was
 * @param superseded how many older ones, put aside before, went with a newer one of their aggregate
 * @param dead how many wait for a person from now on
 * @param answers of the sink
 * @param done of those done
 */
public record SettledBatch(int entries, int coalesced, int superseded, int dead, Answers answers, Ages done) {

    /**
     * How often the sink gave which answer for an entry.
     *
     * @param failed attempts that threw
     */
    public record Answers(int applied, int stale, int deferred, int rejected, int failed, int unknown) {

        /** The sink was not asked. */
        public static final Answers NONE = new Answers(0, 0, 0, 0, 0, 0);
    }

    /**
     * How old entries were when the call of the sink that they went with had answered.
     *
     * @param versions of the entries
     * @param micros since each was appended, by the primary's clock, 0 or more
     */
    @SuppressWarnings("ArrayRecordComponent") // boxed numbers for each entry would cost more than the whole measurement
    public record Ages(long[] versions, long[] micros) {

        /** Of no entry. */
        public static final Ages NONE = new Ages(new long[0], new long[0]);
    }
}
