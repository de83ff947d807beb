package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.Routing.AggregateRule;
import dev.dualwrite.outbox.Routing.Ordering;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SettingsTest {

    @Test
    void defaultsAreThoseOfTheContract() {
        Settings settings = settings(Map.of(), Set.of());

        assertThat(settings)
                .isEqualTo(
                        new Settings(SchemaMode.MIGRATE, "dualwrite", null, 1_048_576, Set.of(), Set.of(), Map.of()));
    }

    @Test
    void everySinkThatIsNamedAnywhereIsKnown() {
        Settings settings = settings(
                Map.of("dualwrite.outbox.sinks", "copy", "dualwrite.aggregates.Order.sinks", "search,cache"),
                Set.of("topic"));

        assertThat(settings.sinks()).containsExactly("cache", "copy", "search", "topic");
        assertThat(settings.defaultSinks()).containsExactly("copy");
        assertThat(settings.aggregates())
                .containsEntry("Order", new AggregateRule(Set.of("search", "cache"), Ordering.ROW));
    }

    @Test
    void onlyKnownSinkIsTheDefault() {
        assertThat(settings(Map.of(), Set.of("copy")).defaultSinks()).containsExactly("copy");
    }

    @Test
    void oneOfSeveralIsNotGuessedToBeTheDefault() {
        assertThat(settings(Map.of(), Set.of("copy", "search")).defaultSinks()).isEmpty();
    }

    @Test
    void orderingIsReadAsWritten() {
        Settings settings = settings(Map.of("dualwrite.aggregates.order.ordering", "lock"), Set.of());

        assertThat(settings.aggregates()).containsEntry("order", new AggregateRule(Set.of(), Ordering.LOCK));
    }

    @Test
    void allMistakesAreReportedAtOnceWithNamesAndValues() {
        Map<String, String> wrong = Map.of(
                "dualwrite.schema.name", "My-Schema",
                "dualwrite.shard-count", "2000",
                "dualwrite.outbox.payload-max-size", "0B",
                "dualwrite.outbox.sinks", "ok,1st",
                "dualwrite.aggregates[a:b].sinks", "a/b");

        assertThatExceptionOfType(OutboxConfigurationException.class)
                .isThrownBy(() -> Settings.of(
                        properties(wrong),
                        Set.of("has space"),
                        found -> List.of(new Mistake("found elsewhere", "look there"))))
                .satisfies(e -> assertThat(e.mistakes())
                        .hasSize(8)
                        .anyMatch(m -> m.contains("found elsewhere"))
                        .anyMatch(m -> m.contains("dualwrite.schema.name") && m.contains("'My-Schema'"))
                        .anyMatch(m -> m.contains("dualwrite.shard-count is 2000, expected 1 to 1024"))
                        .anyMatch(m -> m.contains("payload-max-size is 0B, expected 1B to 256MB"))
                        .anyMatch(m -> m.contains("dualwrite.outbox.sinks is '1st'"))
                        .anyMatch(m -> m.contains("dualwrite.aggregates.a:b: aggregate type is 'a:b'"))
                        .anyMatch(m -> m.contains("dualwrite.aggregates.a:b.sinks is 'a/b'"))
                        .anyMatch(m -> m.contains("bean of type Sink is 'has space'"))
                        .allMatch(m -> m.contains(". Next: ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"public", "pg_outbox", "information_schema", "", "Orders", "1st", "a.b"})
    void schemaThatIsNotOursAloneIsRefused(String name) {
        assertThatExceptionOfType(OutboxConfigurationException.class)
                .isThrownBy(() -> settings(Map.of("dualwrite.schema.name", name), Set.of()))
                .withMessageContaining("dualwrite.schema.name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "16", "1024"})
    void shardCountInRangeIsTaken(String count) {
        assertThat(settings(Map.of("dualwrite.shard-count", count), Set.of()).shardCount())
                .hasToString(count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1025"})
    void shardCountOutOfRangeIsRefused(String count) {
        assertThatExceptionOfType(OutboxConfigurationException.class)
                .isThrownBy(() -> settings(Map.of("dualwrite.shard-count", count), Set.of()))
                .withMessageContaining("dualwrite.shard-count is " + count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Orders-copy", "x_1.y", "a123456789012345678901234567890123456789012345678x"})
    void nameThatTheDatabaseTakesIsAName(String name) {
        assertThat(settings(Map.of(), Set.of(name)).sinks()).containsExactly(name);
    }

    private static Settings settings(Map<String, String> properties, Set<String> sinks) {
        return Settings.of(properties(properties), sinks, found -> List.of());
    }

    private static DualwriteProperties properties(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("dualwrite", DualwriteProperties.class);
    }
}
