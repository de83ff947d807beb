package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the how-to shows as a contract test is one that runs. */
class DocumentedContractTest {

    private static final Path SOURCE = Path.of("src/test/java/dev/dualwrite/relay/sink/jdbc/JdbcSinkContractIT.java");

    @Test
    void everyLineOfTheExampleIsInTheTestThatRuns() throws IOException {
        String guide = Files.readString(Path.of("../docs/how-to/add-a-sink.md"));
        String section = guide.substring(guide.indexOf("## Prove your sink"));
        String example = section.split("```java\n", 2)[1].split("```", 2)[0];

        assertThat(lines(example)).hasSizeGreaterThan(20).isSubsetOf(lines(Files.readString(SOURCE)));
    }

    private static List<String> lines(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
