package dev.dualwrite.relay.measure;

import dev.dualwrite.relay.observe.CallObserver;
import dev.dualwrite.relay.observe.CalledEntries;

/** The spans of one batch. Used by one thread after the other. */
interface BatchSpans {

    /** Without a tracer. */
    BatchSpans NONE = new BatchSpans() {
        @Override
        public CallObserver calling(CalledEntries entries) {
            return CallObserver.NONE;
        }

        @Override
        public boolean isEmpty() {
            return true;
        }

        @Override
        public void within(long version, Runnable work) {
            work.run();
        }
    };

    /** A call begins, on this thread; its first traced entry's span is the current one until its end. */
    CallObserver calling(CalledEntries entries);

    /** Whether no entry of the batch has a span. */
    boolean isEmpty();

    /** Does something while the span of that entry is the current one, if it has one: what is measured then can name its trace. */
    void within(long version, Runnable work);
}
