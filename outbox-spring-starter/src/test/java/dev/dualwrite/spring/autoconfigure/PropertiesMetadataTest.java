package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an editor offers to whoever writes the configuration. */
class PropertiesMetadataTest {

    @Test
    void everyPropertyHasADescription() throws IOException {
        assertThat(properties()).isNotEmpty().allSatisfy(property -> {
            String name = property.path("name").asString();
            assertThat(property.path("description").asString("")).as(name).isNotBlank();
        });
    }

    @Test
    void namesAndDefaultsAreThoseOfTheContract() throws IOException {
        assertThat(properties().stream()
                        .map(p -> p.path("name").asString() + " = "
                                + p.path("defaultValue").toString()))
                .containsExactlyInAnyOrder(
                        "dualwrite.schema.mode = \"migrate\"",
                        "dualwrite.schema.name = \"dualwrite\"",
                        "dualwrite.outbox.payload-max-size = \"1MB\"",
                        "dualwrite.outbox.sinks = ",
                        "dualwrite.outbox.data-source = ",
                        "dualwrite.shard-count = ",
                        "dualwrite.relay.notify = true",
                        "dualwrite.capture.bypass = \"warn\"",
                        "dualwrite.console.enabled = false",
                        "dualwrite.console.path = \"/dualwrite\"",
                        "dualwrite.aggregates = ",
                        "dualwrite.outbox.headers.from-mdc = ",
                        "dualwrite.avro.schemas = ",
                        "dualwrite.operator.role = \"DUALWRITE_OPERATOR\"",
                        "dualwrite.operator.viewer-role = \"DUALWRITE_VIEWER\"",
                        "dualwrite.operator.allow-unsecured-writes = false",
                        "dualwrite.operator.allowed-hosts = ",
                        "dualwrite.operator.visible-fields = ",
                        "dualwrite.health.lag-budget = \"5m\"",
                        "dualwrite.metrics.interval = \"15s\"",
                        "management.endpoint.dualwrite.access = \"unrestricted\"",
                        "management.endpoint.dualwrite.cache.time-to-live = \"0ms\"",
                        "dualwrite.capture.entities = ");
    }

    private static List<JsonNode> properties() throws IOException {
        try (InputStream metadata =
                DualwriteProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            var properties = new ArrayList<JsonNode>();
            JsonMapper.shared().readTree(metadata).path("properties").forEach(properties::add);
            return properties;
        }
    }
}
