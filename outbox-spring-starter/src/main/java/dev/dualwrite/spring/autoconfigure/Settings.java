package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.Routing.AggregateRule;
import dev.dualwrite.outbox.jdbc.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The properties, checked as a whole and worked out. Immutable; made by a pure decision.
 *
 * @param shardCount absent where the configuration leaves it to the database
 * @param maxPayloadBytes 1 to 256 MB
 * @param sinks every sink that this service knows, sorted
 * @param defaultSinks sinks of an entry that names none; empty if there is no default
 */
record Settings(
        SchemaMode mode,
        String schema,
        @Nullable Integer shardCount,
        long maxPayloadBytes,
        Set<String> sinks,
        Set<String> defaultSinks,
        Map<String, AggregateRule> aggregates) {

    /** The routes of entries, given the number of each sink. */
    Routing routing(Map<String, Short> sinkIds) {
        return new Routing(sinkIds, defaultSinks, aggregates);
    }

    private static final Pattern SINK_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,49}");
    // The constraint control_shard_count_in_range.
    private static final int MAX_SHARD_COUNT = 1024;
    // Guessed: a value in PostgreSQL ends at 1 GB, the driver sends each byte as two characters, twice over is safe.
    private static final DataSize MAX_PAYLOAD = DataSize.ofMegabytes(256);

    /**
     * Checks and resolves.
     *
     * @param defined sinks that {@code dualwrite.sinks} or a bean defines
     * @param elsewhere finds mistakes of others, to be reported with those found here; gets the number of these
     * @throws OutboxConfigurationException with every mistake
     */
    static Settings of(DualwriteProperties properties, Set<String> defined, IntFunction<List<Mistake>> elsewhere) {
        var mistakes = new ArrayList<Mistake>();
        checkSchemaName(properties.schema().name(), mistakes);
        checkShardCount(properties.shardCount(), mistakes);
        checkPayloadMaxSize(properties.outbox().payloadMaxSize(), mistakes);
        checkSinkNames("dualwrite.sinks or of a bean of type Sink", defined, mistakes);
        checkSinkNames("dualwrite.outbox.sinks", properties.outbox().sinks(), mistakes);
        checkHeaders(properties.outbox().headers().fromMdc(), mistakes);
        properties.aggregates().forEach((type, rule) -> {
            checkAggregateType(type, mistakes);
            checkSinkNames("dualwrite.aggregates." + type + ".sinks", rule.sinks(), mistakes);
        });
        mistakes.addAll(elsewhere.apply(mistakes.size()));
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(
                    mistakes.stream().map(Mistake::text).toList());
        }
        return resolve(properties, defined);
    }

    /** Every sink that entries may go to, sorted. */
    static Set<String> sinksOf(DualwriteProperties properties, Set<String> defined) {
        var sinks = new TreeSet<>(defined);
        sinks.addAll(properties.outbox().sinks());
        properties.aggregates().values().forEach(rule -> sinks.addAll(rule.sinks()));
        return sinks;
    }

    private static Settings resolve(DualwriteProperties properties, Set<String> defined) {
        Set<String> sinks = sinksOf(properties, defined);
        var aggregates = new LinkedHashMap<String, AggregateRule>();
        properties.aggregates().forEach((type, rule) -> {
            aggregates.put(type, new AggregateRule(Set.copyOf(rule.sinks()), rule.ordering()));
        });
        Set<String> defaults = Set.copyOf(properties.outbox().sinks());
        if (defaults.isEmpty() && sinks.size() == 1) {
            defaults = Set.copyOf(sinks);
        }
        return new Settings(
                properties.schema().mode(),
                properties.schema().name(),
                properties.shardCount(),
                properties.outbox().payloadMaxSize().toBytes(),
                sinks,
                defaults,
                aggregates);
    }

    private static void checkSchemaName(String name, List<Mistake> mistakes) {
        try {
            Schema.checkName(name);
        } catch (IllegalArgumentException e) {
            mistakes.add(new Mistake("dualwrite.schema.name: " + e.getMessage(), "correct dualwrite.schema.name"));
            return;
        }
        if (name.equals("public") || name.equals("information_schema") || name.startsWith("pg_")) {
            mistakes.add(new Mistake(
                    "dualwrite.schema.name is '" + name + "', expected a schema that holds nothing but the outbox",
                    "remove dualwrite.schema.name (the default is dualwrite), or give the service's own name"));
        }
    }

    private static void checkShardCount(@Nullable Integer count, List<Mistake> mistakes) {
        if (count != null && (count < 1 || count > MAX_SHARD_COUNT)) {
            mistakes.add(new Mistake(
                    "dualwrite.shard-count is " + count + ", expected 1 to " + MAX_SHARD_COUNT,
                    "correct dualwrite.shard-count, or remove it (a new installation then gets "
                            + Schema.DEFAULT_SHARD_COUNT + ")"));
        }
    }

    private static void checkPayloadMaxSize(DataSize size, List<Mistake> mistakes) {
        if (size.toBytes() < 1 || size.compareTo(MAX_PAYLOAD) > 0) {
            mistakes.add(new Mistake(
                    "dualwrite.outbox.payload-max-size is " + size + ", expected 1B to " + MAX_PAYLOAD.toMegabytes()
                            + "MB",
                    "correct dualwrite.outbox.payload-max-size; a value is written like 1MB"));
        }
    }

    private static void checkHeaders(Map<String, String> fromMdc, List<Mistake> mistakes) {
        String property = "dualwrite.outbox.headers.from-mdc";
        OutboxEntry.delete(new Aggregate("any", "1"))
                .headersIfAbsent(
                        fromMdc,
                        (name, problem) -> mistakes.add(new Mistake(property + ": " + problem, "correct " + property)));
    }

    private static void checkSinkNames(String where, Collection<String> names, List<Mistake> mistakes) {
        for (String name : names) {
            if (!SINK_NAME.matcher(name).matches()) {
                mistakes.add(new Mistake(
                        "the name of a sink in " + where + " is '" + name
                                + "', expected a letter, then at most 49 letters, digits, '_', '.' or '-'",
                        "rename that sink"));
            }
        }
    }

    private static void checkAggregateType(String type, List<Mistake> mistakes) {
        try {
            new Aggregate(type, "1");
        } catch (IllegalArgumentException e) {
            mistakes.add(new Mistake("dualwrite.aggregates." + type + ": " + e.getMessage(), "rename that key"));
        }
    }
}
