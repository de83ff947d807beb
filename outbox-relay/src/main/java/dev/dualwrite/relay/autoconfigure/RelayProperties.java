package dev.dualwrite.relay.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the relay of this process works, as it was written down: {@link RelaySettings} checks it.
 *
 * @param enabled whether this process relays; absent means yes if a sink is configured
 * @param url where the relay opens its own connections to the primary; only needed if that cannot be learned from the
 *     service's DataSource
 * @param username who the relay logs in as, if url is set
 * @param password of that user
 * @param batchSize entries that are claimed from one lane and applied in one call of its sink
 * @param batchMaxSize payload bytes of one such batch; an entry that is larger comes alone
 * @param pollInterval longest time between two looks at the outbox; entries of this process wake the relay at once
 * @param leaseDuration how long a lane is taken for; after a kill another relay goes on at most this long later
 * @param sinkTimeout how long one call of a sink may take; at most half a lease
 * @param maxAttempts how often an entry is tried before it is dead
 * @param initialBackoff wait before the second attempt of an entry; doubles with each further one
 * @param maxBackoff longest wait between two attempts
 * @param unknownGrace how long an entry whose payload type or schema version is unknown here waits for a relay that knows it,
 *     before it is dead
 * @param stuckAfter from this age on an entry that was never tried is shown as overdue
 * @param shutdownTimeout how long a stop waits for batches that are under way
 * @param primaries databases beside the application's own DataSource whose outboxes this process relays too, by a name of
 *     your choice: each has url, username, password, schema and sinks
 * @param threads how many lanes of one sink are applied at once; each needs a connection to the primary
 */
@ConfigurationProperties("dualwrite.relay")
record RelayProperties(
        @Nullable Boolean enabled,
        @Nullable String url,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("1000") int batchSize,
        @DefaultValue("8MB") DataSize batchMaxSize,
        @DefaultValue("500ms") Duration pollInterval,
        @DefaultValue("30s") Duration leaseDuration,
        @DefaultValue("10s") Duration sinkTimeout,
        @DefaultValue("10") int maxAttempts,
        @DefaultValue("1s") Duration initialBackoff,
        @DefaultValue("5m") Duration maxBackoff,
        @DefaultValue("1h") Duration unknownGrace,
        @DefaultValue("1m") Duration stuckAfter,
        @DefaultValue("20s") Duration shutdownTimeout,
        @DefaultValue("4") int threads,
        @DefaultValue Map<String, PrimaryProperties> primaries) {

    RelayProperties {
        primaries = withoutShadows(primaries);
    }

    /**
     * A variable like DUALWRITE_RELAY_PRIMARIES_ORDERSDB_PASSWORD sets the password of the primary orders-db, but is bound as a
     * primary of its own too, since a variable has no hyphens.
     */
    private static Map<String, PrimaryProperties> withoutShadows(Map<String, PrimaryProperties> bound) {
        Set<String> written = bound.keySet().stream()
                .filter(name -> !name.equals(asVariable(name)))
                .map(RelayProperties::asVariable)
                .collect(Collectors.toSet());
        var primaries = new TreeMap<String, PrimaryProperties>(bound);
        primaries.keySet().removeIf(written::contains);
        return Collections.unmodifiableMap(primaries);
    }

    private static String asVariable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "RelayProperties[enabled=" + enabled + ", batchSize=" + batchSize + ", leaseDuration=" + leaseDuration
                + "]";
    }
}
