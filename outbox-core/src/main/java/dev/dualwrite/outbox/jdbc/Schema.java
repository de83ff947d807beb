package dev.dualwrite.outbox.jdbc;

import java.util.regex.Pattern;

/** What the code knows of its schema: the version it was written for, and where the migration files are. */
public final class Schema {

    /** The number of the last migration file that this code needs, and the only one it works with. */
    public static final int VERSION = 1;

    /** Class path folder of the migration files for PostgreSQL. */
    public static final String LOCATION = "dev/dualwrite/schema/postgresql";

    /** The shard count of an installation that does not ask for another. */
    public static final int DEFAULT_SHARD_COUNT = 16;

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private Schema() {}

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
