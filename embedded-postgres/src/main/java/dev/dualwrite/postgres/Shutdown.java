package dev.dualwrite.postgres;

/** How a server is ended from outside, from the politest to the rudest. */
public enum Shutdown {
    /** Sessions are cut off, everything is written out: what an operator does. */
    FAST("INT"),
    /** Nothing is written out; the next start on the directory recovers from the write-ahead log. */
    IMMEDIATE("QUIT"),
    /**
     * The server process is gone from one moment to the next, its sessions follow when they notice. Not for a directory that
     * is to be started from at once: the server refuses while a session of the old one is left.
     */
    KILL("KILL");

    private final String signal;

    Shutdown(String signal) {
        this.signal = signal;
    }

    String signal() {
        return signal;
    }
}
