package dev.dualwrite.spring.bypass;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/**
 * Says in the code, and in its review, that a change of captured tables is meant to go past their capture: the secondary is not
 * told, because somebody else does, or because nothing that it shows is changed. Thread-safe; never blocks.
 *
 * <p>It holds for the calling thread, until the call returns, for statements that are prepared there. It begins no transaction
 * and ends none, and it does not take the capture away: entities that are flushed inside are captured as ever.
 */
public final class CaptureBypass {

    private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
    private final Places places = new Places();

    CaptureBypass() {}

    /**
     * Runs something whose changes of captured tables are not reported.
     *
     * @param reason for those who read the code and the log, not blank
     * @throws IllegalArgumentException if the reason is blank
     */
    public void run(String reason, Runnable work) {
        requireNonNull(work, "work");
        call(reason, () -> {
            work.run();
            return true;
        });
    }

    /**
     * The same, for something that has a result.
     *
     * @param reason for those who read the code and the log, not blank
     * @return what {@code work} returns
     * @throws IllegalArgumentException if the reason is blank
     */
    public <T> T call(String reason, Supplier<T> work) {
        requireNonNull(work, "work");
        if (reason.isBlank()) {
            throw new IllegalArgumentException(
                    "the reason of a CaptureBypass is blank. Say why nothing is captured here");
        }
        String place = Callers.place();
        if (places.isNew(place)) {
            BypassLog.allowed(place, reason.replaceAll("\\s+", " "));
        }
        int outer = depth.get();
        depth.set(outer + 1);
        try {
            return work.get();
        } finally {
            if (outer == 0) {
                depth.remove();
            } else {
                depth.set(outer);
            }
        }
    }

    /** Whether the calling thread is inside of such a call. */
    boolean isOn() {
        return depth.get() > 0;
    }
}
