package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.Sink;

/** A sink that does everything right passes, with no rule left out. */
class MemorySinkContractTest extends MemorySinkContract {

    @Override
    Sink on(MemoryStore memory) {
        return memory::apply;
    }
}
