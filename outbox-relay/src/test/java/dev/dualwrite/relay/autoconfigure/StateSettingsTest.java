package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.relay.state.StateTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.env.MockEnvironment;

/** Where states are loaded from is read as it was written, or refused with every mistake. */
class StateSettingsTest {

    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void tableIsNamedAsTheCatalogHasIt() {
        AggregatesProperties properties = properties(Map.of(
                "dualwrite.aggregates.order.state.table", "\"My.Shop\".Orders",
                "dualwrite.aggregates.order.state.key-columns", "tenant,id",
                "dualwrite.aggregates.other.ordering", "lock"));

        StateSettings settings = StateSettings.of(List.of(), properties, environment);

        assertThat(settings.tables())
                .containsExactly(new StateTable("order", "My.Shop", "Orders", List.of("tenant", "id")));
        assertThat(settings.payloadMaxBytes()).isEqualTo(1024 * 1024);
    }

    @Test
    void payloadLimitIsThatOfTheOutbox() {
        environment.setProperty("dualwrite.outbox.payload-max-size", "3KB");

        assertThat(StateSettings.of(List.of(), properties(Map.of()), environment)
                        .payloadMaxBytes())
                .isEqualTo(3 * 1024);
    }

    @Test
    void everyMistakeIsReported() {
        AggregatesProperties properties = properties(Map.of(
                "dualwrite.aggregates.a.state.table", "x",
                "dualwrite.aggregates.b.state.key-columns", "id",
                "dualwrite.aggregates.c.state.table", "x.y.z",
                "dualwrite.aggregates.c.state.key-columns", "id,id"));

        assertThatThrownBy(() -> StateSettings.of(List.of(), properties, environment))
                .isInstanceOfSatisfying(
                        OutboxConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .satisfiesExactlyInAnyOrder(
                                        m -> assertThat(m)
                                                .contains("dualwrite.aggregates.a.state.key-columns is []", "Next:"),
                                        m -> assertThat(m)
                                                .contains("dualwrite.aggregates.b.state.table is not set", "Next:"),
                                        m -> assertThat(m)
                                                .contains("dualwrite.aggregates.c.state.table", "x.y.z", "Next:"),
                                        m -> assertThat(m)
                                                .contains("dualwrite.aggregates.c.state.key-columns", "once")));
    }

    private static AggregatesProperties properties(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("dualwrite", AggregatesProperties.class);
    }
}
