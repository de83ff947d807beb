package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.ControlStore.Control;
import dev.dualwrite.outbox.jdbc.Schema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a schema fits this code and its configuration; no I/O. Immutable.
 *
 * @param shardCount as configured; absent where the database decides
 */
record ControlCheck(
        SchemaMode mode, String schema, @Nullable Integer shardCount) {

    /** What keeps an installed schema from being used, whether or not it is about to be migrated. */
    Optional<Mistake> ofInstalled(Control control) {
        if (control.schemaVersion() > Schema.VERSION) {
            return Optional.of(new Mistake(
                    "schema '" + schema + "' has version " + control.schemaVersion()
                            + ", this version of Dualwrite works with version " + Schema.VERSION
                            + " only: a newer one has migrated it",
                    "start this service with that newer version of Dualwrite; a schema is never taken back by itself"));
        }
        if (shardCount != null && shardCount != control.shardCount()) {
            return Optional.of(new Mistake(
                    "dualwrite.shard-count is " + shardCount + ", but schema '" + schema + "' was installed with "
                            + control.shardCount() + ", and the shard of every entry was computed with that",
                    "remove dualwrite.shard-count, or set it to " + control.shardCount()));
        }
        return Optional.empty();
    }

    /** What keeps the schema from being used once everything was done that the mode allows. */
    Optional<Mistake> ofFinal(Optional<Control> found) {
        if (found.isEmpty()) {
            return Optional.of(new Mistake(
                    "schema '" + schema + "' is not installed, expected version " + Schema.VERSION + " of it",
                    applyFiles("the files V1 to V" + Schema.VERSION)));
        }
        Control control = found.get();
        if (control.schemaVersion() < Schema.VERSION) {
            return Optional.of(new Mistake(
                    "schema '" + schema + "' has version " + control.schemaVersion() + ", expected version "
                            + Schema.VERSION,
                    applyFiles("the files after V" + control.schemaVersion() + " up to V" + Schema.VERSION)));
        }
        return ofInstalled(control);
    }

    private String applyFiles(String files) {
        String how =
                switch (mode) {
                    case MIGRATE -> "look at the log above for why the migration left it so, and have ";
                    case VALIDATE ->
                        "set dualwrite.schema.mode to migrate, or have Flyway (history table "
                                + SchemaFiles.HISTORY_TABLE + ") apply ";
                    case NONE -> "set dualwrite.schema.mode to migrate, or have the database's administrator apply ";
                };
        String placeholders = mode == SchemaMode.MIGRATE
                ? " applied"
                : " with ${schema} = " + schema + " and ${shardCount} = "
                        + (shardCount == null ? Schema.DEFAULT_SHARD_COUNT : shardCount);
        return how + files + " of " + Schema.LOCATION + " (in the jar outbox-core)" + placeholders;
    }
}
