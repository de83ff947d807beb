package dev.dualwrite.outbox.jdbc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some stuck entries, the oldest first. Immutable.
 *
 * @param next what {@link StuckFilter#after()} of the next page is; absent if this is the last one
 */
public record StuckPage(List<StuckEntry> entries, @Nullable Long next) {

    public StuckPage {
        entries = List.copyOf(entries);
    }
}
