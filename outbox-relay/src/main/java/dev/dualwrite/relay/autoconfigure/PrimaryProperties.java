package dev.dualwrite.relay.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What stands under {@code dualwrite.relay.primaries.<name>}, as it was written down. Immutable; {@link #toString()} leaves out
 * credentials.
 *
 * @param url JDBC URL of the primary
 * @param username who the relay logs in as
 * @param password of that user
 * @param schema name of the outbox's schema there; installed by the service that owns it
 * @param sinks which sinks its entries go to; each belongs to one primary only
 */
record PrimaryProperties(
        @Nullable String url,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("dualwrite") String schema,
        @DefaultValue List<String> sinks) {

    @Override
    public String toString() {
        return "PrimaryProperties[schema=" + schema + ", sinks=" + sinks + "]";
    }
}
