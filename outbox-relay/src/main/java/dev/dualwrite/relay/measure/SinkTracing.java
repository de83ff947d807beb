package dev.dualwrite.relay.measure;

/** Begins the spans of each batch of one sink. Thread-safe. */
@FunctionalInterface
interface SinkTracing {

    /** Without a tracer. */
    SinkTracing NONE = () -> BatchSpans.NONE;

    BatchSpans batch();
}
