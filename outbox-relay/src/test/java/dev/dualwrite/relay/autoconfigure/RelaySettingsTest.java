package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RelaySettingsTest {

    @Test
    void defaultsAreThoseOfTheContractAndWithoutMistake() {
        var settings = RelaySettings.of(relay(Map.of()), new SinksProperties(Map.of()));

        ConfiguredSink sink = settings.configured("copy", (short) 1, entries -> List.of(ApplyResult.applied()), null);
        assertThat(sink.retry().maxAttempts()).isEqualTo(10);
        assertThat(sink.retry().backoff().initial()).isEqualTo(Duration.ofSeconds(1));
        assertThat(sink.retry().backoff().max()).isEqualTo(Duration.ofMinutes(5));
        assertThat(sink.timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.relayConfig().claims().batchSize()).isEqualTo(1000);
        assertThat(settings.relayConfig().claims().batchMaxBytes()).isEqualTo(8L << 20);
        assertThat(settings.relayConfig().claims().pollInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.relayConfig().leaseDuration()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void sinkOverridesWhatItNames() {
        SinkSettings own = sinks(
                        Map.of("dualwrite.sinks.copy.max-attempts", "3", "dualwrite.sinks.copy.max-backoff", "7s"))
                .sinks()
                .get("copy");
        var settings = RelaySettings.of(relay(Map.of()), new SinksProperties(Map.of("copy", own)));

        ConfiguredSink sink = settings.configured("copy", (short) 1, entries -> List.of(), own);

        assertThat(sink.retry().maxAttempts()).isEqualTo(3);
        assertThat(sink.retry().backoff().max()).isEqualTo(Duration.ofSeconds(7));
        assertThat(sink.retry().backoff().initial()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void everyMistakeIsReportedAtOnceWithBothNamesAndValues() {
        RelayProperties relay = relay(Map.of(
                "dualwrite.relay.batch-size", "0",
                "dualwrite.relay.threads", "1000",
                "dualwrite.relay.poll-interval", "0s",
                "dualwrite.relay.lease-duration", "4s",
                "dualwrite.relay.sink-timeout", "3s",
                "dualwrite.relay.initial-backoff", "10m"));
        SinksProperties sinks = sinks(Map.of("dualwrite.sinks.copy.sink-timeout", "1h"));

        assertThatThrownBy(() -> RelaySettings.of(relay, sinks))
                .isInstanceOfSatisfying(
                        OutboxConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .satisfiesExactlyInAnyOrder(
                                        m -> assertThat(m).contains("dualwrite.relay.batch-size is 0"),
                                        m -> assertThat(m).contains("dualwrite.relay.threads is 1000"),
                                        m -> assertThat(m).contains("dualwrite.relay.poll-interval is PT0S"),
                                        m -> assertThat(m)
                                                .contains(
                                                        "dualwrite.relay.sink-timeout is PT3S",
                                                        "lease-duration",
                                                        "PT4S"),
                                        m -> assertThat(m).contains("dualwrite.relay.max-backoff is PT5M", "PT10M"),
                                        m -> assertThat(m)
                                                .contains("dualwrite.sinks.copy.sink-timeout is PT1H", "PT4S")));
    }

    @Test
    void variableThatSetsAPasswordIsNoPrimaryOfItsOwn() {
        RelayProperties relay = relay(Map.of(
                "dualwrite.relay.primaries.billing-db.url", "jdbc:postgresql://billing/billing",
                "dualwrite.relay.primaries.billingdb.password", "secret-7"));

        assertThat(relay.primaries()).containsOnlyKeys("billing-db");
        assertThat(relay.primaries().toString()).doesNotContain("secret-7", "jdbc:");
    }

    @Test
    void credentialsAreNotPrinted() {
        assertThat(relay(Map.of("dualwrite.relay.password", "secret-7")).toString())
                .doesNotContain("secret-7");
    }

    private static RelayProperties relay(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("dualwrite.relay", RelayProperties.class);
    }

    private static SinksProperties sinks(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("dualwrite", SinksProperties.class);
    }
}
