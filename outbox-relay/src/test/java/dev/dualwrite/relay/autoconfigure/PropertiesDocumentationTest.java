package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every property of both libraries has a description, and stands in the reference. */
class PropertiesDocumentationTest {

    @Test
    void everyPropertyIsDescribedAndInTheReference() throws IOException {
        String reference = Files.readString(Path.of("../docs/reference/properties.md"));

        List<JsonNode> properties = properties();

        assertThat(properties).hasSizeGreaterThan(15);
        for (JsonNode property : properties) {
            String name = property.get("name").asString();
            assertThat(property.has("description")).as("description of " + name).isTrue();
            String leaf = name.substring(name.lastIndexOf('.') + 1);
            assertThat(reference)
                    .as("reference of " + name)
                    .containsAnyOf("`" + name, "`." + leaf + "`", "`" + leaf + "`", "." + leaf + "`");
        }
    }

    private static List<JsonNode> properties() throws IOException {
        var found = new ArrayList<JsonNode>();
        for (URL url : Collections.list(PropertiesDocumentationTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = url.openStream()) {
                for (JsonNode property : JsonMapper.shared().readTree(in).get("properties")) {
                    if (property.get("name").asString().startsWith("dualwrite.")) {
                        found.add(property);
                    }
                }
            }
        }
        return found;
    }
}
