package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.Operation;
import java.util.List;

/**
 * What one transaction committed. Immutable.
 *
 * @param appends how many entries were appended, at least 1
 * @param rows what that made of them for each sink: an append to two sinks is one of each
 */
public record Committed(int appends, List<Rows> rows) {

    public Committed {
        rows = List.copyOf(rows);
    }

    /**
     * Entries of one kind for one sink.
     *
     * @param count at least 1
     */
    public record Rows(String sink, Operation operation, int count) {}
}
