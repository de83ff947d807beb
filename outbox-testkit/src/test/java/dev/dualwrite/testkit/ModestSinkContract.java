package dev.dualwrite.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.Sink;
import java.util.Optional;
import java.util.Set;

/** A sink that claims nothing and gives nothing but what it must. */
final class ModestSinkContract extends SinkContract {

    private final MemoryStore store = new MemoryStore();

    @Override
    protected Sink sink() {
        return store::apply;
    }

    @Override
    protected Optional<String> held(Aggregate aggregate) {
        return store.held(aggregate);
    }

    @Override
    protected byte[] payload(String state) {
        return state.getBytes(UTF_8);
    }

    @Override
    protected Set<SinkFeature> features() {
        return Set.of();
    }
}
