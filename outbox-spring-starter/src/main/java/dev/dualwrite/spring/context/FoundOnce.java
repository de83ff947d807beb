package dev.dualwrite.spring.context;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bean that is looked for when it is first wanted, and not again: also that there is none is remembered, since every append asks.
 * Thread-safe; without a lock, so two that ask first at once both look.
 */
final class FoundOnce<T> implements Supplier<@Nullable T> {

    private final Supplier<@Nullable T> search;
    private volatile boolean looked;
    private volatile @Nullable T found;

    FoundOnce(Supplier<@Nullable T> search) {
        this.search = search;
    }

    @Override
    public @Nullable T get() {
        if (!looked) {
            // In this order: who sees that somebody looked sees what was found.
            found = search.get();
            looked = true;
        }
        return found;
    }
}
