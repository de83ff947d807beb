package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.Schema;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** What {@code /actuator/info} says of the outbox under {@code dualwrite}: no address and no user, so nothing secret. Thread-safe. */
final class OutboxInfo implements InfoContributor {

    private final OutboxInstallation installation;
    private final BooleanSupplier relays;

    /** {@code relays}: whether this process relays itself. */
    OutboxInfo(OutboxInstallation installation, BooleanSupplier relays) {
        this.installation = installation;
        this.relays = relays;
    }

    @Override
    public void contribute(Info.Builder builder) {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("name", installation.schema());
        schema.put("version", Schema.VERSION);
        var outbox = new LinkedHashMap<String, Object>();
        outbox.put(
                "version",
                Objects.requireNonNullElse(OutboxInfo.class.getPackage().getImplementationVersion(), "unpackaged"));
        outbox.put("schema", schema);
        outbox.put("shardCount", installation.shardCount());
        outbox.put("sinks", new TreeSet<>(installation.sinkIds().keySet()));
        outbox.put("embeddedRelay", relays.getAsBoolean());
        builder.withDetail("dualwrite", outbox);
    }
}
