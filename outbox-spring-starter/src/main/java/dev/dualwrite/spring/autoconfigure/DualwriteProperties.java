package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.Routing.Ordering;
import dev.dualwrite.spring.bypass.BypassMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.util.unit.DataSize;

/**
 * What a service may say about its outbox, as it was written down: nothing is checked here, {@link Settings} does that.
 *
 * @param schema the outbox's own schema
 * @param outbox what is appended, and where to
 * @param shardCount number of shards, fixed in the database at install: 16 unless set then. Where it is set later, it must
 *     be what the database says. More shards let more relays share the work; 1 to 1,024
 * @param relay what a service and the relays in other processes have to agree on
 * @param capture how changes of captured entities are watched
 * @param aggregates rules for single aggregate types, by name of the type
 * @param avro payloads in Apache Avro
 */
@ConfigurationProperties("dualwrite")
record DualwriteProperties(
        @DefaultValue Schema schema,
        @DefaultValue Outbox outbox,
        @Nullable Integer shardCount,
        @DefaultValue Relay relay,
        @DefaultValue Capture capture,
        @DefaultValue Map<String, Aggregate> aggregates,
        @DefaultValue Avro avro) {

    /**
     * The outbox's own schema.
     *
     * @param mode what to do with the schema at startup: migrate it, validate it, or leave it to a person
     * @param name name of the schema; each service needs its own if several share one database
     */
    record Schema(
            @DefaultValue("migrate") SchemaMode mode,
            @DefaultValue("dualwrite") String name) {}

    /**
     * What is appended, and where to.
     *
     * @param payloadMaxSize largest payload of an entry, serialised; a larger one makes its transaction roll back
     * @param sinks sinks of an entry that names none, and whose aggregate type names none; not needed if only one sink is
     *     known
     * @param dataSource name of the DataSource bean that the entries are written through; only needed if there are several
     *     and none is primary
     * @param headers what entries carry beside their payload
     */
    record Outbox(
            @DefaultValue("1MB") DataSize payloadMaxSize,
            @DefaultValue List<String> sinks,
            @Nullable String dataSource,
            @DefaultValue Headers headers) {}

    /**
     * What entries carry beside their payload.
     *
     * @param fromMdc for each header the key of the logging context (MDC) that it is taken from when an entry is appended or
     *     captured, for example tenant=tenantId; an entry's own header of that name wins
     */
    record Headers(@DefaultValue Map<String, String> fromMdc) {}

    /**
     * Payloads in Apache Avro.
     *
     * @param schemas files with the schemas that payloads are written with, one record schema each, for example
     *     classpath*:avro/*.avsc; a service writes Avro records only with one of these, a relay reads only these. Needs
     *     org.apache.avro:avro; empty means no Avro
     */
    record Avro(@DefaultValue List<String> schemas) {}

    /**
     * What a service and the relays in other processes have to agree on.
     *
     * @param notifyRelays whether commits are made known to relays in other processes by NOTIFY, and whether relays listen for it;
     *     without it they find entries at their next poll
     */
    record Relay(@Name("notify") @DefaultValue("true") boolean notifyRelays) {}

    /**
     * How changes of captured entities are watched.
     *
     * @param bypass what becomes of a statement that changes a captured table without its capture (bulk queries, native SQL, plain
     *     JDBC): warn logs it once, fail refuses to send it, off does not look
     */
    record Capture(@DefaultValue("warn") BypassMode bypass) {}

    /**
     * Rules for one aggregate type.
     *
     * @param sinks sinks of the entries of this aggregate type; the default ones if empty
     * @param ordering how its entries come into order: by the row locks of the transactions, or by a lock on the aggregate,
     *     for transactions that need not conflict on a row
     */
    record Aggregate(
            @DefaultValue List<String> sinks,
            @DefaultValue("row") Ordering ordering) {}
}
