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
        public boolean has(long version) {
            return false;
        }

        @Override
        public void within(long version, Runnable work) {
            work.run();
        }
    };

    /** A call begins, on this thread; its first traced entry's span is the current one until its end. */
    CallObserver calling(CalledEntries entries);

    /** Whether the entry of that version has a span. */
    boolean has(long version);

    /** Does something while that span is the current one: what is measured then can name its trace. */
    void within(long version, Runnable work);
}
