package dev.dualwrite.spring.bypass;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tables whose changes are captured through their entities. Immutable.
 *
 * @param entities for each table the name of its entity; a table is in lower case, with its schema ({@code shop.orders}) if the
 *     mapping names one. Tables of collections, joined subclasses and secondary tables are tables too
 */
public record CapturedTables(Map<String, String> entities) {

    /**
     * A copy of the map.
     *
     * @throws IllegalArgumentException if a table is not in lower case
     */
    public CapturedTables {
        entities = Map.copyOf(entities);
        entities.keySet().stream()
                .filter(table -> !table.equals(table.toLowerCase(Locale.ROOT)))
                .findFirst()
                .ifPresent(table -> {
                    throw new IllegalArgumentException("captured table '" + table + "' is not in lower case");
                });
    }

    /**
     * The tables of several mappings, read as a statement's: without quotes and a catalogue, in lower case.
     *
     * @param mappings for each the names of the entities, by table as SQL writes it
     */
    public static CapturedTables of(Collection<Map<String, Set<String>>> mappings) {
        var names = new HashMap<String, Set<String>>();
        mappings.forEach(mapping ->
                mapping.forEach((table, entities) -> ChangedTables.of(SqlScanner.tokens("DELETE FROM " + table))
                        .forEach(name -> names.computeIfAbsent(name.toString(), n -> new TreeSet<>())
                                .addAll(entities))));
        var joined = new HashMap<String, String>();
        names.forEach((table, entities) -> joined.put(table, String.join(",", entities)));
        return new CapturedTables(joined);
    }

    /**
     * The entity of a table, as a statement names it. A table with a schema and one without are the same if the schema is on the
     * search path: a table of that name in another schema is somebody else's.
     */
    Optional<String> entityOf(TableName name, Collection<String> searchPath) {
        String schema = name.schema();
        if (schema == null) {
            Stream<@Nullable String> found = Stream.concat(
                            Stream.of(name.table()), searchPath.stream().map(s -> s + "." + name.table()))
                    .map(entities::get);
            return found.filter(Objects::nonNull).map(Objects::requireNonNull).findFirst();
        }
        Optional<String> exact = Optional.ofNullable(entities.get(schema + "." + name.table()));
        return exact.isPresent() || !searchPath.contains(schema)
                ? exact
                : Optional.ofNullable(entities.get(name.table()));
    }
}
