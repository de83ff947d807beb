package dev.dualwrite.outbox.jdbc;

import java.util.List;
import java.util.Objects;

/** Cuts what was found into pages. Pure. */
final class StuckPages {

    private StuckPages() {}

    /** Of all that fit, one more than a page has: whether there is a next one. */
    static StuckPage first(StuckFilter filter, List<StuckEntry> found) {
        if (found.size() <= filter.limit()) {
            return new StuckPage(found, null);
        }
        List<StuckEntry> page = found.subList(0, filter.limit());
        return new StuckPage(page, page.get(page.size() - 1).entryId());
    }

    /** Of what was read, whether it fits or not; if that was as much as was asked for, the next page goes on behind it. */
    static StuckPage filtered(StuckFilter filter, List<StuckEntry> read, int asked) {
        StuckPage page =
                first(filter, read.stream().filter(entry -> fits(filter, entry)).toList());
        return page.next() != null || read.size() < asked
                ? page
                : new StuckPage(page.entries(), read.get(read.size() - 1).entryId());
    }

    private static boolean fits(StuckFilter filter, StuckEntry entry) {
        return (filter.aggregateType() == null || filter.aggregateType().equals(entry.aggregateType()))
                && (filter.aggregateId() == null || filter.aggregateId().equals(entry.aggregateId()))
                && (filter.errorClass() == null || Objects.equals(filter.errorClass(), entry.errorClass()));
    }
}
