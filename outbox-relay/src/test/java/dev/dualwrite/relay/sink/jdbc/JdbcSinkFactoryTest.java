package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What the settings alone show, and how they are read. */
class JdbcSinkFactoryTest {

    private final JdbcSinkFactory factory = new JdbcSinkFactory(Duration.ofSeconds(10), 4, CrashProbe.NONE);

    @Test
    void everyMistakeOfTheSettingsIsReportedAtOnce() {
        SinkSettings settings = settings(
                "jdbc:mysql://host/db?password=s3cret",
                null,
                List.of("id", "id"),
                Map.of("id", "/id", "dualwrite_version", "/v", "name", "name"),
                Duration.ZERO);

        assertThat(mistakes(settings))
                .containsExactlyInAnyOrder(
                        "dualwrite.sinks.orders.url is not a URL for PostgreSQL, expected"
                                + " jdbc:postgresql://host:port/database; for another store write a bean of type"
                                + " dev.dualwrite.outbox.spi.Sink",
                        "dualwrite.sinks.orders.table is not set, expected the table of the secondary to keep in step",
                        "dualwrite.sinks.orders.key-columns is [id, id], expected each column once",
                        "dualwrite.sinks.orders.columns maps 'id', a key column, which is filled from the aggregate's id;"
                                + " remove the mapping",
                        "dualwrite.sinks.orders.columns maps 'dualwrite_version', the version column, which is filled with"
                                + " the entry's version; remove the mapping",
                        "dualwrite.sinks.orders.columns.name is 'name', expected a JSON pointer, which begins with a slash:"
                                + " '/name'?",
                        "dualwrite.sinks.orders.sink-timeout is PT0S, expected more than zero");
    }

    @Test
    void missingSettingsAreNamed() {
        assertThat(mistakes(settings(null, " ", List.of(), Map.of(), null)))
                .hasSize(3)
                .anySatisfy(m -> assertThat(m).startsWith("dualwrite.sinks.orders.url is not set"))
                .anySatisfy(m -> assertThat(m).startsWith("dualwrite.sinks.orders.table is not set"))
                .anySatisfy(m -> assertThat(m).startsWith("dualwrite.sinks.orders.key-columns is not set"));
    }

    @Test
    void versionColumnCannotBeAKeyColumn() {
        assertThat(mistakes(settings("jdbc:postgresql:db", "copy", List.of("dualwrite_version"), Map.of(), null)))
                .singleElement()
                .asString()
                .contains("version-column is 'dualwrite_version', which is also a key column");
    }

    @Test
    void typeIsTheWordOfTheConfiguration() {
        assertThat(factory.type()).isEqualTo("jdbc");
    }

    @Test
    void settingsAreBoundFromProperties() {
        var source = new MapConfigurationPropertySource(Map.of(
                "dualwrite.sinks.orders.type", "jdbc",
                "dualwrite.sinks.orders.key-columns", "tenant,id",
                "dualwrite.sinks.orders.columns.total_cents", "/total",
                "dualwrite.sinks.orders.max-attempts", "3",
                "dualwrite.sinks.orders.sink-timeout", "4s"));

        SinkSettings bound = new Binder(source)
                .bind("dualwrite.sinks", Bindable.mapOf(String.class, SinkSettings.class))
                .get()
                .get("orders");

        assertThat(bound)
                .isEqualTo(new SinkSettings(
                        "jdbc",
                        null,
                        null,
                        null,
                        null,
                        List.of("tenant", "id"),
                        Map.of("total_cents", "/total"),
                        null,
                        3,
                        null,
                        null,
                        Duration.ofSeconds(4),
                        null,
                        null,
                        null));
    }

    @Test
    void textOfTheSettingsHoldsNoCredentials() {
        SinkSettings settings = new SinkSettings(
                "jdbc",
                "jdbc:postgresql://s3cret:s3cret@host/db?password=s3cret",
                "s3cret",
                "s3cret",
                "copy",
                List.of("id"),
                Map.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);

        assertThat(settings.toString()).contains("jdbc", "host/db", "copy").doesNotContain("s3cret");
    }

    private List<String> mistakes(SinkSettings settings) {
        return catchThrowableOfType(OutboxConfigurationException.class, () -> factory.create("orders", settings))
                .mistakes();
    }

    private static SinkSettings settings(
            @Nullable String url,
            @Nullable String table,
            List<String> keyColumns,
            Map<String, String> columns,
            @Nullable Duration timeout) {
        return new SinkSettings(
                "jdbc",
                url,
                "user",
                "s3cret",
                table,
                keyColumns,
                columns,
                null,
                null,
                null,
                null,
                timeout,
                null,
                null,
                null);
    }
}
