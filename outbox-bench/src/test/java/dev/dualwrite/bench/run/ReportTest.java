package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final String SERVER = "PostgreSQL 18";
    private static final String MARKED = """
            # Performance

            Kept above.

            <!-- measured on PostgreSQL 18 -->
            <!-- end of PostgreSQL 18 -->

            Kept below.

            <!-- measured on PostgreSQL 15 -->
            Kept of another server.
            <!-- end of PostgreSQL 15 -->
            """;

    @TempDir
    private Path directory;

    @Test
    void figuresTablesAndChartGoBetweenTheMarks() throws IOException {
        document(MARKED);

        write(findings("drain", 12));

        String[] around = MARKED.split("(?<=18 -->\n)(?=<!-- end of PostgreSQL 18)", -1);
        assertThat(document())
                .startsWith(around[0])
                .endsWith(around[1])
                .contains("Measured today.")
                .contains("| drain | ≥ 10 | 12 | met |")
                .contains("| medians | s |\n|---|---:|\n| relay | 12.00 |\n")
                .contains("(performance-18.svg)");
        assertThat(directory.resolve("performance-18.svg")).isNotEmptyFile();
    }

    @Test
    void whatAnEarlierRunFoundIsReplaced() throws IOException {
        document(MARKED);
        write(findings("old", 12));

        write(findings("new", 12));
        String second = document();
        write(findings("new", 12));

        assertThat(second).contains("| new |").doesNotContain("| old |");
        assertThat(document()).isEqualTo(second);
    }

    @Test
    void documentWithoutAPlaceForTheServerIsLeftAlone() throws IOException {
        String other = MARKED.replace("PostgreSQL 18", "PostgreSQL 17");
        document(other);

        assertThatThrownBy(() -> write(findings("drain", 12)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("performance.md")
                .hasMessageContaining("'<!-- measured on PostgreSQL 18 -->'")
                .hasMessageContaining("add them");

        assertThat(document()).isEqualTo(other);
        assertThat(directory.resolve("performance-18.svg")).doesNotExist();
    }

    @Test
    void marksInTheWrongOrderAreNoPlace() throws IOException {
        document("<!-- end of PostgreSQL 18 -->\n<!-- measured on PostgreSQL 18 -->\n");

        assertThatThrownBy(() -> write(findings("drain", 12))).isInstanceOf(IllegalStateException.class);
    }

    private static Findings findings(String what, double measured) {
        var results = new Results();
        results.add("relay", Map.of(Metric.SECONDS, measured));
        var findings = new Findings();
        findings.table("A table", results);
        findings.chart("A chart", results, Metric.SECONDS);
        findings.figure(Figure.atLeast(what, 10, measured));
        return findings;
    }

    private void write(Findings findings) throws IOException {
        new Report(directory, SERVER).write(findings, "Measured today.");
    }

    private void document(String text) throws IOException {
        Files.writeString(directory.resolve("performance.md"), text);
    }

    private String document() throws IOException {
        return Files.readString(directory.resolve("performance.md"));
    }
}
