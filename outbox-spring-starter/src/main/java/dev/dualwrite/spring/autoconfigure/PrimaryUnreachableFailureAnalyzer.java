package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxStoreException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which primary could not be reached, what was seen and what to do, instead of a stack trace. */
final class PrimaryUnreachableFailureAnalyzer extends AbstractFailureAnalyzer<OutboxStoreException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, OutboxStoreException cause) {
        String state = String.valueOf(cause.sqlState());
        String action =
                switch (state.substring(0, Math.min(2, state.length()))) {
                    case "08" ->
                        "Is PostgreSQL running there, and can this host reach it? If the place is wrong, correct the URL"
                                + " of the DataSource (spring.datasource.url), or dualwrite.relay.url if it is named above.";
                    case "28" ->
                        "Correct the user and the password of the DataSource (spring.datasource.username, .password), or"
                                + " let that user in (pg_hba.conf).";
                    case "3D" -> "Create that database, or correct the URL of the DataSource (spring.datasource.url).";
                    case "53" ->
                        "The server is short of connections, memory or disk: its log says which. Of connections: raise its"
                                + " max_connections, or let pools be smaller.";
                    case "57" ->
                        "The server is starting up or shutting down, or broke this off: start this process again when it"
                                + " runs; its log says more.";
                    default -> null;
                };
        return action == null
                ? null
                : new FailureAnalysis(
                        "Dualwrite cannot start without its primary: " + cause.getMessage() + ".", action, cause);
    }
}
