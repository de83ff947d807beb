package dev.dualwrite.outbox.jdbc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some acts, the newest first. Immutable.
 *
 * @param next what to ask for to get the page behind this one; absent if this is the last one
 */
public record AuditPage(List<AuditRecord> acts, @Nullable Long next) {

    public AuditPage {
        acts = List.copyOf(acts);
    }
}
