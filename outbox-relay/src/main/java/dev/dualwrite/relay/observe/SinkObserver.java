package dev.dualwrite.relay.observe;

/**
 * Is told what a relay does with the entries of one sink. Thread-safe.
 *
 * <p>It is called on the relay's own threads, in the path of every batch: it returns at once, does no I/O and does not throw.
 * What it throws is logged, the first time, and changes nothing.
 */
public interface SinkObserver {

    /** Nobody looks, and nothing is gathered. */
    SinkObserver NONE = new SinkObserver() {
        @Override
        public BatchObserver batch() {
            return BatchObserver.NONE;
        }

        @Override
        public void lanesLost(int lanes) {}
    };

    /** A batch is at work from now on; what is given is told of it alone. */
    BatchObserver batch();

    /** So many lanes were lost: they ran out, are another's, or get on no more. Lanes that were given back are not among them. */
    void lanesLost(int lanes);
}
