package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.FileSystemResource;

/** A name that nobody reads is refused where somebody wrote it for this process, with the name that was meant. */
class MisspeltPropertiesTest {

    private final StandardEnvironment environment = new StandardEnvironment();

    @Test
    void mistakeNamesTheFileTheLineAndTheNearestName(@TempDir Path directory) throws IOException {
        yaml(directory, """
                dualwrite:
                  schema:
                    name: secret_7
                    moed: validate
                """);

        assertThat(mistakes()).singleElement().satisfies(mistake -> {
            assertThat(mistake.problem())
                    .startsWith("dualwrite.schema.moed is no property of Dualwrite")
                    .contains("application.yml", "4:11")
                    .doesNotContain("validate");
            assertThat(mistake.nextStep()).contains("did you mean dualwrite.schema.mode?");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "dualwrite.shard-conut, dualwrite.shard-count",
        "dualwrite.outbox.payloadMaxSiez, dualwrite.outbox.payload-max-size",
        "dualwrite.aggregates.order.sinsk, dualwrite.aggregates.order.sinks",
        "dualwrite.outbx.sinks, dualwrite.outbox",
        "dualwrite.shard-count.max, dualwrite.shard-count"
    })
    void nearestNameIsProposed(String written, String meant) {
        commandLine(written);

        assertThat(mistakes())
                .singleElement()
                .satisfies(m -> assertThat(m.nextStep()).contains("did you mean " + meant + "?"));
    }

    @Test
    void nameThatIsLikeNoOtherIsRefusedToo() {
        commandLine("dualwrite.colour");

        assertThat(mistakes())
                .singleElement()
                .satisfies(m -> assertThat(m.nextStep()).startsWith("remove it"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dualwrite.schema.mode",
                "dualwrite.schema.MODE",
                "dualwrite.shardCount",
                "dualwrite.shard_count",
                "dualwrite.outbox.sinks[0]",
                "dualwrite.aggregates.order.sinks[1]",
                "dualwrite.aggregates[shop.order].ordering",
                "dualwrite.relay.notify",
                "dualwritten.schema.moed"
            })
    void rightNameIsNoMistakeHoweverItIsSpelled(String name) {
        commandLine(name);

        assertThat(mistakes()).isEmpty();
    }

    @Test
    void variablesAndSystemPropertiesAreLeftAlone() {
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource("env", Map.of("DUALWRITE_SCHEMA_MOED", "x")));
        environment.getPropertySources().addFirst(new MapPropertySource("system", Map.of("dualwrite.seed", "42")));

        assertThat(mistakes()).isEmpty();
    }

    @Test
    void serviceWithoutARelayMayShareItsFileWithOne() {
        commandLine("dualwrite.relay.batch-size");
        commandLine("dualwrite.sinks.copy.type");
        commandLine("dualwrite.aggregates.order.state.table");

        assertThat(mistakes()).isEmpty();
    }

    @Test
    void whatASinkOfTheUsersOwnReadsIsNotJudged() {
        commandLine("dualwrite.sinks.copy.tabel");
        commandLine("dualwrite.sinks.search.topic");

        assertThat(MisspeltProperties.in(environment, List.of(new Relay())))
                .singleElement()
                .satisfies(m -> assertThat(m.nextStep()).contains("dualwrite.sinks.copy.table?"));
    }

    private List<Mistake> mistakes() {
        return MisspeltProperties.in(environment, List.of());
    }

    private void commandLine(String name) {
        environment
                .getPropertySources()
                .addFirst(new SimpleCommandLinePropertySource(name, new String[] {"--" + name + "=x"}));
    }

    private void yaml(Path directory, String text) throws IOException {
        Path file = Files.writeString(directory.resolve("application.yml"), text);
        new YamlPropertySourceLoader()
                .load("file", new FileSystemResource(file))
                .forEach(environment.getPropertySources()::addLast);
    }

    record Sinks(Map<String, OneSink> sinks) {}

    record OneSink(String type, String table) {}

    private static final class Relay implements ConfigurationCheck {
        @Override
        public Map<String, Class<?>> properties() {
            return Map.of("dualwrite", Sinks.class);
        }

        @Override
        public Set<String> openPrefixes() {
            return Set.of("dualwrite.sinks.search");
        }

        @Override
        public List<String> mistakes(Set<String> sinks, int soFar) {
            return List.of();
        }
    }
}
