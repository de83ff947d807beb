package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.internal.PayloadJson;
import dev.dualwrite.relay.internal.RelayLog;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes rows of entries, by a plan. Thread-safe; no I/O. */
final class RowReader {

    /** Numbers come out digit for digit: a double would round amounts, and 1.10 is not 1.1 to a numeric. */
    private static final JsonMapper MAPPER = PayloadJson.mapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final TablePlan plan;

    RowReader(TablePlan plan) {
        this.plan = plan;
    }

    /**
     * The row of an entry.
     *
     * @param place of the entry in its batch
     * @throws UnfitEntryException if it can never be written to this table
     */
    Row read(int place, ClaimedEntry entry) throws UnfitEntryException {
        String[] keys = keys(entry);
        var values = new @Nullable String[plan.columns().size()];
        var present = new BitSet(values.length);
        if (entry.operation() == Operation.UPSERT) {
            readColumns(parse(entry), values, present);
        }
        return new Row(place, entry.version().value(), entry.aggregate().id(), keys, values, present);
    }

    private String[] keys(ClaimedEntry entry) throws UnfitEntryException {
        List<String> parts = entry.aggregate().idParts();
        if (parts.size() != plan.keys().size()) {
            throw new UnfitEntryException("aggregate id has " + parts.size() + " parts, the sink has "
                    + plan.keys().size() + " key columns "
                    + plan.keys().stream().map(LiveColumn::name).toList());
        }
        ValueText.checkText(entry.aggregate().id(), "aggregate id");
        return parts.toArray(String[]::new);
    }

    private static JsonNode parse(ClaimedEntry entry) throws UnfitEntryException {
        byte[] payload = entry.payload();
        if (payload == null || payload.length == 0) {
            throw new UnfitEntryException("the entry is an upsert without a payload, expected JSON");
        }
        try {
            return MAPPER.readTree(payload);
        } catch (JacksonException e) {
            throw new UnfitEntryException(PayloadJson.unreadable(e));
        }
    }

    private void readColumns(JsonNode payload, @Nullable String[] values, BitSet present) throws UnfitEntryException {
        if (plan.takesSameNames() && !payload.isObject()) {
            throw new UnfitEntryException("payload is a JSON " + payload.getNodeType()
                    + ", expected an object whose fields are named like columns; or set columns");
        }
        if (plan.takesSameNames() && plan.isFirstComparison()) {
            reportUnmatched(payload);
        }
        boolean found = false;
        for (int i = 0; i < values.length; i++) {
            MappedColumn target = plan.columns().get(i);
            JsonNode node = payload.at(target.pointer());
            found |= !node.isMissingNode();
            boolean byDefault = node.isMissingNode() && target.column().defaulted();
            if (!byDefault) {
                // Absent is null here: codecs may leave nulls out, and a snapshot is the whole state.
                values[i] = ValueText.of(node, target);
                checkNotNull(values[i], node, target);
                present.set(i);
            }
        }
        if (plan.takesSameNames() && !found && values.length > 0) {
            throw new UnfitEntryException("payload has no field that is named like a column of the table;"
                    + " set columns, which maps each column to a JSON pointer");
        }
    }

    /** A field that is spelt otherwise than its column (createdAt, created_at) would be lost without a word. */
    private void reportUnmatched(JsonNode payload) {
        var fields = new TreeSet<>(payload.propertyNames());
        var columns = new TreeSet<String>();
        for (MappedColumn column : plan.columns()) {
            if (!fields.remove(column.name())) {
                columns.add(column.name());
            }
        }
        plan.keys().forEach(key -> fields.remove(key.name()));
        if (!fields.isEmpty()) {
            RelayLog.fieldsWithoutColumn(plan.sinkName(), fields, columns);
        }
    }

    private static void checkNotNull(@Nullable String value, JsonNode node, MappedColumn target)
            throws UnfitEntryException {
        if (value == null && target.column().notNull()) {
            throw new UnfitEntryException("payload has " + (node.isMissingNode() ? "nothing" : "null") + " at "
                    + target.pointer() + ", " + target + " is NOT NULL");
        }
    }
}
