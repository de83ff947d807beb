package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.spi.CommitListener;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The commit listeners of the context, once it is complete. Thread-safe; never blocks.
 *
 * <p>Until then there are none: a transaction that commits while beans are being created must not create more of them, and
 * nothing is lost, since a listener only gets a hint.
 */
final class CommitListeners implements Supplier<List<CommitListener>>, SmartInitializingSingleton {

    private final ObjectProvider<CommitListener> provider;
    private volatile List<CommitListener> listeners = List.of();

    CommitListeners(ObjectProvider<CommitListener> provider) {
        this.provider = provider;
    }

    @Override
    public void afterSingletonsInstantiated() {
        listeners = provider.orderedStream().toList();
    }

    @Override
    public List<CommitListener> get() {
        return listeners;
    }
}
