package dev.dualwrite.relay.observe;

import dev.dualwrite.outbox.spi.ApplyResult;
import java.util.List;

/** Is told how one call of a sink ended: by one of its methods, once, on the thread of the call. */
public interface CallObserver {

    /** Nobody looks. */
    CallObserver NONE = new CallObserver() {
        @Override
        public void answered(List<ApplyResult> results) {}

        @Override
        public void failed(Throwable failure, boolean brokenOff) {}
    };

    /**
     * The sink answered.
     *
     * @param results as the sink gave them, one for each entry; a broken sink puts null among them
     */
    void answered(List<ApplyResult> results);

    /**
     * The call threw, or its answer makes no sense. With more than one entry that says nothing of any of them.
     *
     * @param brokenOff whether it was no attempt of any entry: the store as a whole does not work, the sink is broken, or the relay
     *     stops
     */
    void failed(Throwable failure, boolean brokenOff);
}
