package dev.dualwrite.postgres;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PostgresServer} is started with. Immutable; each {@code with} method answers a changed copy.
 *
 * @param port TCP port on the loopback interface, 0 to 65535; 0 takes a free one
 * @param directory where the data is kept from one start to the next; absent: a temporary directory, removed at close
 * @param settings server settings as in {@code postgresql.conf}, by name
 */
public record PostgresConfig(int port, @Nullable Path directory, Map<String, String> settings) {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_.]*");
    private static final Pattern UNSAFE_VALUE = Pattern.compile("[\\p{Cntrl}'\"\\\\$`%]");

    public PostgresConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + ", must be 0 (a free one) to 65535");
        }
        settings = Map.copyOf(settings);
        settings.forEach(PostgresConfig::check);
    }

    /** A free port, a temporary directory, nothing traded for speed: fsync and synchronous_commit are on. */
    public static PostgresConfig defaults() {
        return new PostgresConfig(
                0,
                null,
                Map.of("fsync", "on", "synchronous_commit", "on", "max_connections", "200", "timezone", "UTC"));
    }

    public PostgresConfig withPort(int newPort) {
        return new PostgresConfig(newPort, directory, settings);
    }

    /** Keeps the data there; the directory must be absent, empty, or made by an earlier server of this kind. */
    public PostgresConfig keptIn(Path newDirectory) {
        return new PostgresConfig(port, Objects.requireNonNull(newDirectory, "newDirectory"), settings);
    }

    /** The server's zone. Mind that pgjdbc sets each session's zone to the JVM's all the same. */
    public PostgresConfig withTimeZone(String zone) {
        return withSetting("timezone", zone);
    }

    public PostgresConfig withSetting(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        changed.put(name, value);
        return new PostgresConfig(port, directory, changed);
    }

    // The settings reach the server through a shell that pg_ctl starts; nothing in them may mean anything to it.
    private static void check(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("setting '" + name + "' must match " + NAME);
        }
        if (UNSAFE_VALUE.matcher(value).find()) {
            throw new IllegalArgumentException("setting " + name + " is <" + value
                    + ">, must be free of quotes, backslashes, $, `, % and controls");
        }
    }
}
