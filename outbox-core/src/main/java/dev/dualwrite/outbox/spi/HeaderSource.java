package dev.dualwrite.outbox.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the surroundings of an append: a trace, a tenant, a correlation id. A bean of this type is asked for each
 * entry that is appended or captured, on the caller's thread; its headers are added to those that the entry has. Where two
 * sources know the same name, the one that comes first by its order wins.
 *
 * <p>Implementations are thread-safe, do no I/O and are cheap. What one throws is logged, and the entry goes without its
 * headers; the same holds for a header that {@link dev.dualwrite.outbox.OutboxEntry#header} would refuse.
 */
@FunctionalInterface
public interface HeaderSource {

    /** Headers by their name, not changed; empty costs nothing. A null value is left out. */
    Map<String, ? extends @Nullable String> headers();
}
