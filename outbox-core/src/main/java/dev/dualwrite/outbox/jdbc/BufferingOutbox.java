package dev.dualwrite.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.spi.TransactionBinding;

/** The outbox itself: checks an entry while its caller is still on the stack, then leaves it to the transaction's buffer. */
public final class BufferingOutbox implements Outbox {

    private final TransactionBinding binding;
    private final Routing routing;

    public BufferingOutbox(TransactionBinding binding, Routing routing) {
        this.binding = requireNonNull(binding, "binding");
        this.routing = requireNonNull(routing, "routing");
    }

    @Override
    public void append(OutboxEntry entry) {
        requireNonNull(entry, "entry");
        routing.sinksOf(entry);
        binding.current().add(entry);
    }
}
