package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Says in words what it means that the database refused a step of the installation. Immutable; no I/O. */
record Refusals(DatabaseFacts facts, String schema) {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** The user may not create the schema. */
    Mistake schemaNotCreatable() {
        return new Mistake(
                "user '" + facts.user() + "' may not create the schema '" + schema + "' in database '"
                        + facts.database() + "'",
                "GRANT CREATE ON DATABASE " + facts.database() + " TO " + facts.user()
                        + ", or CREATE SCHEMA " + schema + " AUTHORIZATION " + facts.user()
                        + ", or have the files applied by someone who may and set dualwrite.schema.mode to validate"
                        + " (applied by Flyway) or none (applied by hand)");
    }

    /** What to throw for a failure whose cause, somewhere down the chain, the database knows. */
    OutboxException explain(String step, Exception failure) {
        SQLException refusal = sqlCauseOf(failure);
        if (refusal != null && INSUFFICIENT_PRIVILEGE.equals(refusal.getSQLState())) {
            return new OutboxConfigurationException(
                    new Mistake(
                                    step + " in schema '" + schema + "' of database '" + facts.database()
                                            + "' is not allowed to user '" + facts.user() + "': " + firstLine(refusal),
                                    "GRANT USAGE ON SCHEMA " + schema + " TO " + facts.user()
                                            + " and SELECT, INSERT, UPDATE, DELETE on its tables, USAGE on its sequences;"
                                            + " with dualwrite.schema.mode = migrate the user must own the schema and"
                                            + " what is in it")
                            .text(),
                    failure);
        }
        if (failure instanceof OutboxException ours) {
            return ours;
        }
        if (refusal != null) {
            return new OutboxStoreException(step + " in schema '" + schema + "' failed", refusal);
        }
        return new OutboxConfigurationException(
                new Mistake(
                                step + " in schema '" + schema + "' of database '" + facts.database() + "' failed: "
                                        + failure.getMessage(),
                                "put right what the message names; the schema must hold nothing but the outbox, and its"
                                        + " history only what Dualwrite wrote")
                        .text(),
                failure);
    }

    private static @Nullable SQLException sqlCauseOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refusal) {
                return refusal;
            }
        }
        return null;
    }

    private static String firstLine(SQLException refusal) {
        return String.valueOf(refusal.getMessage()).lines().findFirst().orElse("");
    }
}
