package dev.dualwrite.relay.sink.jdbc;

import java.util.Optional;

/** Which servers the statements of this sink were written for. Pure. */
final class SupportedServer {

    /** The oldest that its makers still mend, and that a test here runs on. */
    private static final int OLDEST = 14;

    private SupportedServer() {}

    /**
     * Why a server cannot be used, if so.
     *
     * @param description the product's name, or what {@code version()} says: servers that imitate PostgreSQL name
     *     themselves there, and they lack the advisory locks on which the guard against zombies rests
     */
    static Optional<String> mistake(String description, int majorVersion) {
        if (!description.startsWith("PostgreSQL ") || description.contains("Redshift")) {
            return Optional.of("the secondary is '" + description
                    + "', expected PostgreSQL. For another store write a bean of type dev.dualwrite.outbox.spi.Sink");
        }
        return majorVersion < OLDEST
                ? Optional.of("the secondary is PostgreSQL " + majorVersion + ", expected " + OLDEST + " or newer")
                : Optional.empty();
    }
}
