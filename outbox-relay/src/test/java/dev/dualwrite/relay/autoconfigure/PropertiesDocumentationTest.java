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
import java.util.Map;
import java.util.stream.Collectors;
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

    @Test
    void referenceNamesNoPropertyThatIsNotThere() throws IOException {
        List<String> known =
                properties().stream().map(p -> p.get("name").asString()).toList();

        assertThat(rows())
                .hasSizeGreaterThan(40)
                .allSatisfy(row -> assertThat(known)
                        .as(row.name())
                        // Of a map the metadata knows the name alone.
                        .anyMatch(name -> row.name().equals(name) || row.name().startsWith(name + ".<")));
    }

    @Test
    void defaultsInTheReferenceAreThoseOfTheMetadata() throws IOException {
        Map<String, String> documented = rows().stream().collect(Collectors.toMap(Row::name, Row::value));

        int compared = 0;
        for (JsonNode property : properties()) {
            String value = documented.get(property.get("name").asString());
            if (value != null && property.has("defaultValue")) {
                assertThat(value)
                        .as(property.get("name").asString())
                        .isEqualTo(property.get("defaultValue").asString());
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(20);
    }

    /** A property with a whole name, as a line of the reference gives it. */
    private record Row(String name, String value) {}

    /** Names that begin with a dot share the beginning of the first of their line. */
    private static List<Row> rows() throws IOException {
        var rows = new ArrayList<Row>();
        for (String line : Files.readAllLines(Path.of("../docs/reference/properties.md"))) {
            if (line.startsWith("| `dualwrite.")) {
                String[] cells = line.split("\\|", -1);
                String[] names = cells[1].replace("`", "").strip().split(", ", -1);
                String[] values = cells[2].replace("`", "").strip().split(", ", -1);
                String group = names[0].substring(0, names[0].lastIndexOf('.'));
                for (int i = 0; i < names.length; i++) {
                    String name = names[i].startsWith(".") ? group + names[i] : names[i];
                    rows.add(new Row(name, values[values.length == names.length ? i : 0]));
                }
            }
        }
        return rows;
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
