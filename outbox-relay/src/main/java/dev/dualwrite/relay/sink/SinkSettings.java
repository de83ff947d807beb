package dev.dualwrite.relay.sink;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands under {@code dualwrite.sinks.<name>}. Immutable. Nothing is required here: each {@link SinkFactory} says
 * what it needs, all of it at once. {@link #toString()} leaves out credentials.
 *
 * @param type which kind of secondary store it is, for example jdbc
 * @param url where the secondary is, for example a JDBC URL
 * @param username who the sink logs in as
 * @param password of that user
 * @param table the table to keep in step, with or without its schema, written as the catalog has it
 * @param keyColumns the columns that hold the aggregate's id, in the order of its parts
 * @param columns for each column of the secondary the JSON pointer into the payload; empty takes the payload's top-level
 *     fields that are named like columns
 * @param versionColumn the column that holds the version which guards each row; absent means dualwrite_version
 * @param aggregateType the one aggregate type that the table takes, entries of others are rejected; absent means that
 *     the sink pauses when it meets a second one
 * @param maxAttempts how often an entry is tried before it is dead, at least 1; absent takes the relay's
 * @param initialBackoff wait before the second attempt; absent takes the relay's
 * @param maxBackoff longest wait between two attempts; absent takes the relay's
 * @param sinkTimeout how long one call of the sink may take; absent takes the relay's
 * @param payloadTypes for each payload type that this sink's mapping knows the newest schema version of it, for example
 *     order=3; entries beyond wait for a newer relay; empty takes what the projection takes; without one everything, or what
 *     upcasters lead to
 * @param projection name of the Projection bean that brings payloads into the secondary's shape; absent leaves them as
 *     they are
 */
public record SinkSettings(
        @Nullable String type,
        @Nullable String url,
        @Nullable String username,
        @Nullable String password,
        @Nullable String table,
        List<String> keyColumns,
        Map<String, String> columns,
        @Nullable String versionColumn,
        @Nullable Integer maxAttempts,
        @Nullable Duration initialBackoff,
        @Nullable Duration maxBackoff,
        @Nullable Duration sinkTimeout,
        @Nullable String aggregateType,
        Map<String, Integer> payloadTypes,
        @Nullable String projection) {

    /** Takes absent collections as empty: that is how a property that is not set arrives. */
    public SinkSettings(
            @Nullable String type,
            @Nullable String url,
            @Nullable String username,
            @Nullable String password,
            @Nullable String table,
            @Nullable List<String> keyColumns,
            @Nullable Map<String, String> columns,
            @Nullable String versionColumn,
            @Nullable Integer maxAttempts,
            @Nullable Duration initialBackoff,
            @Nullable Duration maxBackoff,
            @Nullable Duration sinkTimeout,
            @Nullable String aggregateType,
            @Nullable Map<String, Integer> payloadTypes,
            @Nullable String projection) {
        this.type = type;
        this.url = url;
        this.username = username;
        this.password = password;
        this.table = table;
        this.keyColumns = keyColumns == null ? List.of() : List.copyOf(keyColumns);
        this.columns = columns == null ? Map.of() : Map.copyOf(columns);
        this.versionColumn = versionColumn;
        this.maxAttempts = maxAttempts;
        this.initialBackoff = initialBackoff;
        this.maxBackoff = maxBackoff;
        this.sinkTimeout = sinkTimeout;
        this.aggregateType = aggregateType;
        this.payloadTypes = payloadTypes == null ? Map.of() : Map.copyOf(payloadTypes);
        this.projection = projection;
    }

    /** Without the user, the password and the URL's parameters, which may hold either. */
    @Override
    public String toString() {
        return "SinkSettings[type=" + type + ", url=" + withoutParameters(url) + ", table=" + table + ", keyColumns="
                + keyColumns + ", columns=" + columns + ", versionColumn=" + versionColumn + "]";
    }

    private static @Nullable String withoutParameters(@Nullable String url) {
        // Also what stands between // and @, where some drivers take user:password.
        return url == null ? null : url.replaceFirst("\\?.*", "?…").replaceFirst("//[^/@]*@", "//…@");
    }
}
