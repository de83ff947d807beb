package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.jdbc.ControlStore.Control;
import dev.dualwrite.outbox.jdbc.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is wrong with the further primaries, in words. Pure decisions. */
final class PrimaryMistakes {

    private static final String NEXT = ". Next: ";

    private PrimaryMistakes() {}

    /**
     * What the properties alone show.
     *
     * @param defined every sink that is configured or a bean
     * @param ofTheFirst sinks whose entries this process writes to its own DataSource, or relays from there
     */
    static List<String> inProperties(
            Map<String, PrimaryProperties> primaries, Set<String> defined, Set<String> ofTheFirst) {
        var mistakes = new ArrayList<String>();
        Map<String, String> owners = new TreeMap<>();
        primaries.forEach((name, primary) -> {
            urlMistake(primary.url()).ifPresent(m -> mistakes.add(property(name, "url") + m));
            schemaMistake(primary.schema()).ifPresent(m -> mistakes.add(property(name, "schema") + ": " + m));
            if (primary.sinks().isEmpty()) {
                mistakes.add(property(name, "sinks") + " names none" + NEXT
                        + "name the sinks that the entries of this primary go to");
            }
            for (String sink : new TreeSet<>(primary.sinks())) {
                if (!defined.contains(sink)) {
                    mistakes.add(property(name, "sinks") + " names '" + sink + "', known are " + new TreeSet<>(defined)
                            + NEXT + "set dualwrite.sinks." + sink
                            + ".type and so on, or declare a Sink bean of that name");
                }
                if (ofTheFirst.contains(sink)) {
                    mistakes.add(property(name, "sinks") + " names '" + sink
                            + "', which dualwrite.outbox.sinks or dualwrite.aggregates name too, for the application's own"
                            + " DataSource" + NEXT + "configure a second sink: each belongs to one primary");
                }
                String other = owners.putIfAbsent(sink, name);
                if (other != null) {
                    mistakes.add(property(name, "sinks") + " names '" + sink + "', which " + property(other, "sinks")
                            + " names too" + NEXT + "configure a second sink: each belongs to one primary");
                }
            }
        });
        return mistakes;
    }

    /** Whether it can be looked at: a place and a schema are named. */
    static boolean canBeAsked(PrimaryProperties primary) {
        return urlMistake(primary.url()).isEmpty()
                && schemaMistake(primary.schema()).isEmpty();
    }

    /** Why the schema of a primary that answers cannot be worked with. */
    static Optional<String> inSchema(String name, String schema, Optional<Control> found) {
        if (found.isEmpty()) {
            return Optional.of(
                    property(name, "schema") + " is '" + schema + "', which is not installed there, expected version "
                            + Schema.VERSION + " of it" + NEXT
                            + "start the service that owns it first: a relay installs nothing"
                            + " in a further primary; or correct " + property(name, "schema"));
        }
        int version = found.get().schemaVersion();
        return version == Schema.VERSION
                ? Optional.empty()
                : Optional.of(property(name, "schema") + " is '" + schema + "', which has version " + version
                        + ", this relay works with version " + Schema.VERSION + " only" + NEXT
                        + "run the relay and the service that owns the schema with the same version of Dualwrite");
    }

    /** Why a primary will not let this relay in, whenever it is asked; empty for what may pass. */
    static Optional<String> inRefusal(String name, @Nullable String sqlState) {
        if (sqlState == null) {
            return Optional.empty();
        }
        if (sqlState.startsWith("28")) {
            return Optional.of(property(name, "username") + " or .password: the primary refuses the login (SQLSTATE "
                    + sqlState + ")" + NEXT + "correct them, or let that user in");
        }
        return switch (sqlState) {
            case "3D000" ->
                Optional.of(property(name, "url") + " names a database that is not there" + NEXT + "correct it");
            case "42501" ->
                Optional.of(property(name, "username") + ": that user may not use the schema" + NEXT
                        + "grant it USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables");
            default -> Optional.empty();
        };
    }

    /** No driver takes the URL. It is not shown: its parameters may hold a password. */
    static String inDriver(String name) {
        return property(name, "url") + ": no connection pool could be made for it" + NEXT
                + "is it spelled right, is the driver on the class path?";
    }

    private static Optional<String> urlMistake(@Nullable String url) {
        if (url == null || url.isBlank()) {
            return Optional.of(" is not set, expected jdbc:postgresql://host:port/database" + NEXT + "set it");
        }
        // Wrapping drivers put their own word in between, as in jdbc:tracing:postgresql:
        return url.startsWith("jdbc:") && url.contains("postgresql:")
                ? Optional.empty()
                : Optional.of(" is not a URL for PostgreSQL" + NEXT + "write jdbc:postgresql://host:port/database");
    }

    private static Optional<String> schemaMistake(String schema) {
        try {
            Schema.checkName(schema);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage() + NEXT + "correct it");
        }
    }

    private static String property(String name, String leaf) {
        return "dualwrite.relay.primaries." + name + "." + leaf;
    }
}
