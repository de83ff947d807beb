package dev.dualwrite.outbox.spi;

/** The seam at which a test stops a process in a crash window. In production it is {@link #NONE}. Thread-safe. */
@FunctionalInterface
public interface CrashProbe {

    /** Does nothing. */
    CrashProbe NONE = window -> {};

    /** The calling thread is inside the window. */
    void reached(CrashWindow window);
}
