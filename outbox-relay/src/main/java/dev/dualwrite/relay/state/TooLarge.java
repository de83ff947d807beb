package dev.dualwrite.relay.state;

/** What is said of a state that does not fit. */
final class TooLarge {

    private TooLarge() {}

    static String reason(long bytes, StateSource.Limits limits) {
        return "the state that was loaded has " + bytes + " bytes, dualwrite.outbox.payload-max-size allows "
                + limits.payloadBytes() + ". Next: raise that, or load less";
    }
}
