package dev.dualwrite.bench.wal;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What entries wrote into the log. Immutable.
 *
 * @param entries how many
 * @param bytes of all of them, by part
 */
record LogUse(int entries, Map<Part, Double> bytes) {

    LogUse {
        bytes = Map.copyOf(bytes);
    }

    /** Each entry must have been inserted once and deleted once. */
    static LogUse of(int entries, List<LogReader.Kind> kinds) {
        Map<Part, Long> records = new EnumMap<>(Part.class);
        Map<Part, Double> bytes = new EnumMap<>(Part.class);
        for (LogReader.Kind kind : kinds) {
            records.merge(Part.of(kind), kind.records(), Long::sum);
            bytes.merge(Part.of(kind), kind.bytes(), Double::sum);
        }
        long inserted = records.getOrDefault(Part.INSERT, 0L);
        long deleted = records.getOrDefault(Part.DELETE, 0L);
        if (inserted != entries || deleted != entries) {
            throw new IllegalStateException("the log has " + inserted + " inserts and " + deleted + " deletes of "
                    + entries + " entries: " + kinds);
        }
        return new LogUse(entries, bytes);
    }

    double perEntry(Part part) {
        return bytes.getOrDefault(part, 0.0) / entries;
    }

    double perEntry() {
        return bytes.values().stream().mapToDouble(Double::doubleValue).sum() / entries;
    }
}
