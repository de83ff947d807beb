package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.retention.Retention;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RetentionPropertiesTest {

    @Test
    void defaultsKeepTheRecordForAYearAndDiscardedEntriesForAQuarter() {
        RetentionProperties retention = bound(Map.of());

        assertThat(retention.mistakes()).isEmpty();
        assertThat(retention.retention()).isEqualTo(new Retention(Duration.ofDays(400), Duration.ofDays(90)));
    }

    @Test
    void zeroIsForEver() {
        RetentionProperties retention =
                bound(Map.of("dualwrite.retention.audit", "0", "dualwrite.retention.discarded", "0d"));

        assertThat(retention.mistakes()).isEmpty();
        assertThat(retention.retention()).isEqualTo(Retention.FOR_EVER);
    }

    @Test
    void everyMistakeIsToldAtOnceWithItsName() {
        assertThat(bound(Map.of("dualwrite.retention.audit", "23h", "dualwrite.retention.discarded", "-1d"))
                        .mistakes())
                .containsExactly(
                        "dualwrite.retention.audit is PT23H, expected 1d to 36500d, or 0 for ever. Next: correct"
                                + " dualwrite.retention.audit",
                        "dualwrite.retention.discarded is PT-24H, expected 1d to 36500d, or 0 for ever. Next: correct"
                                + " dualwrite.retention.discarded");
        assertThat(bound(Map.of("dualwrite.retention.audit", "36501d")).mistakes())
                .hasSize(1);
    }

    private static RetentionProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("dualwrite.retention", RetentionProperties.class);
    }
}
