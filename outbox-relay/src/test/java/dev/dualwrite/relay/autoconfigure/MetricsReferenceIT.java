package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabases;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of meters that users read is the one that a process registers. */
class MetricsReferenceIT {

    private static final Path REFERENCE = Path.of("../docs/reference/metrics.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(dualwrite\\.[a-z.]+)` (\\| `dualwrite_.*) \\|$");

    @Test
    void everyMeterIsDocumentedAsItIsRegisteredAndTheReverse() throws IOException {
        Map<String, String> docs = new TreeMap<>();
        ROW.matcher(Files.readString(REFERENCE)).results().forEach(row -> docs.put(row.group(1), row.group(2)));
        Map<String, String> registered = new TreeMap<>();

        Measured.with(Pod.at(TestDatabases.create()))
                .withBean(
                        "copy",
                        Sink.class,
                        () -> entries ->
                                entries.stream().map(e -> ApplyResult.applied()).toList())
                .run(context -> {
                    var registry = (PrometheusMeterRegistry) context.getBean(MeterRegistry.class);
                    registry.getMeters().stream()
                            .filter(meter -> meter.getId().getName().startsWith("dualwrite."))
                            .forEach(meter -> registered.put(meter.getId().getName(), row(registry, meter)));
                });

        assertThat(registered).hasSizeGreaterThan(15).isEqualTo(docs);
    }

    @Test
    void everyAlertableMeterLeadsToItsRunbook() throws IOException {
        assertThat(Pattern.compile("\\(\\.\\./runbook/(\\w+)\\.md\\)")
                        .matcher(Files.readString(REFERENCE))
                        .results()
                        .map(link -> link.group(1)))
                .containsExactlyInAnyOrder(
                        "DualwriteLagHigh",
                        "DualwriteEntriesDead",
                        "DualwriteNobodyRelays",
                        "DualwriteShardsUnheld",
                        "DualwriteSinkTripped",
                        "DualwriteSinkPaused",
                        "DualwriteRelayBroken",
                        "DualwriteBacklogGrowing",
                        "DualwritePrimaryNotMeasured");
    }

    private static String row(PrometheusMeterRegistry registry, Meter meter) {
        Meter.Id id = meter.getId();
        String unit = id.getBaseUnit() == null ? "" : id.getBaseUnit() + " ";
        String tags = id.getTags().stream().map(Tag::getKey).sorted().collect(Collectors.joining(", "));
        return "| `" + inPrometheus(registry, id) + "` | " + id.getType().name().toLowerCase(Locale.ROOT)
                + " | " + unit
                + "| " + (tags.isEmpty() ? "" : tags + " ")
                + "| " + id.getDescription();
    }

    /** As it is scraped. */
    private static String inPrometheus(PrometheusMeterRegistry registry, Meter.Id id) {
        String name = registry.config().namingConvention().name(id.getName(), id.getType(), id.getBaseUnit())
                + (id.getType() == Meter.Type.COUNTER ? "_total" : "");
        assertThat(registry.scrape().lines()).anyMatch(line -> line.startsWith("# TYPE " + name + " "));
        return name;
    }
}
