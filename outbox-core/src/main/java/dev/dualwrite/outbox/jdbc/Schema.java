package dev.dualwrite.outbox.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the code knows of its schema: the version it was written for, and where the migration files are. */
public final class Schema {

    /** The migration files under {@link #LOCATION}, in their order. */
    public static final List<String> FILES =
            List.of("V1__outbox.sql", "V2__relays.sql", "V3__operator.sql", "V4__capture.sql");

    /** The file under {@link #LOCATION} that is applied after them, and again whenever its text has changed. */
    public static final String REPEATABLE_FILE = "R__grants.sql";

    /** What is applied to a new schema, in this order. */
    public static final List<String> ALL_FILES =
            Stream.concat(FILES.stream(), Stream.of(REPEATABLE_FILE)).toList();

    /** The number of the last migration file that this code needs, and the only one it works with. */
    public static final int VERSION = FILES.size();

    /** Class path folder of the migration files for PostgreSQL. */
    public static final String LOCATION = "dev/dualwrite/schema/postgresql";

    /** The shard count of an installation that does not ask for another. */
    public static final int DEFAULT_SHARD_COUNT = 16;

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private Schema() {}

    /**
     * Every migration file, one after the other, with the placeholders put in: what installs the outbox by hand, after
     * {@code CREATE SCHEMA}.
     *
     * @throws IllegalArgumentException if the name cannot stand in a statement unquoted
     */
    public static String script(String schema, int shardCount) {
        String name = checkName(schema);
        return ALL_FILES.stream()
                .map(Schema::read)
                .collect(Collectors.joining("\n"))
                .replace("${schema}", name)
                .replace("${shardCount}", Integer.toString(shardCount));
    }

    private static String read(String file) {
        String path = "/" + LOCATION + "/" + file;
        try (InputStream in = Schema.class.getResourceAsStream(path)) {
            return new String(Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read from the class path", e);
        }
    }

    /**
     * The same name, if it can stand in a statement unquoted.
     *
     * @throws IllegalArgumentException if it cannot
     */
    public static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("schema name is '" + name
                    + "', expected 1 to 63 lower-case letters, digits and underscores, not beginning with a digit");
        }
        return name;
    }
}
