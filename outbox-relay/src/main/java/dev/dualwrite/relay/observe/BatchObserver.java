package dev.dualwrite.relay.observe;

/**
 * Is told of one batch: its calls of the sink, then that it was settled. Used by one thread after the other. Of a batch that is
 * never settled, since the lane was lost or the primary was away, it hears no more than the calls: its entries are tried again.
 */
public interface BatchObserver {

    /** Nobody looks. */
    BatchObserver NONE = new BatchObserver() {
        @Override
        public CallObserver calling(CalledEntries entries) {
            return CallObserver.NONE;
        }

        @Override
        public void settled(SettledBatch batch) {}
    };

    /** The sink is called next, on this thread, for these entries; a batch that fails is halved and takes several calls. */
    CallObserver calling(CalledEntries entries);

    /** The primary has taken in what became of the batch. At most once, perhaps on another thread. */
    void settled(SettledBatch batch);
}
