package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.spi.CommitListener;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What this process has appended and applied since it started, for the rates. Thread-safe. */
final class Counts implements CommitListener {

    private final LongAdder appended = new LongAdder();
    private final Supplier<OptionalDouble> applied;

    /**
     * Nothing appended yet.
     *
     * @param applied what the relay in this process has applied; empty where nobody counts it
     */
    Counts(Supplier<OptionalDouble> applied) {
        this.applied = applied;
    }

    @Override
    public void committed(int entries) {
        appended.add(entries);
    }

    double appended() {
        return appended.sum();
    }

    OptionalDouble applied() {
        return applied.get();
    }
}
