package dev.dualwrite.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, with everything measured once and small: it works, and its report is in order. No speed counts. */
class BenchSmokeIT {

    private static final Path DOCUMENT = Path.of("..", "docs", "performance.md");
    private static final Pattern SECTION =
            Pattern.compile("(?s)(<!-- measured on ([^>]+) -->)\\n(.*?)(<!-- end of \\2 -->)");

    @TempDir
    private static Path directory;

    private static final Map<String, Integer> FIGURES_OF_GROUPS = new LinkedHashMap<>();
    private static String before = "";
    private static String after = "";
    private static List<Figure> figures = List.of();

    @BeforeAll
    static void measure() throws Exception {
        Path document = directory.resolve("performance.md");
        // What an earlier run found goes, so that what is found now is of this one.
        before = SECTION.matcher(Files.readString(DOCUMENT)).replaceAll("$1\n$4");
        Files.writeString(document, before);
        List<Group> groups = Bench.groups().stream()
                .<Group>map(group -> new CountedGroup(group, FIGURES_OF_GROUPS))
                .toList();
        figures = Bench.run(directory, Extent.smoke(), groups, new Progress(System.out))
                .figures();
        after = Files.readString(document);
    }

    @Test
    void everyGroupGivesFigures() {
        assertThat(FIGURES_OF_GROUPS)
                .containsOnlyKeys(Bench.groups().stream().map(Group::name).toList())
                .allSatisfy((group, count) -> assertThat(count).as(group).isPositive());
    }

    @Test
    void everyFigureHasItsRowBetweenTheMarks() {
        List<String> filled = filledSections();

        assertThat(filled).as("the sections of one server").hasSize(1);
        assertThat(filled.get(0).lines())
                .containsAll(figures.stream()
                        .map(f -> "| " + f.what() + " | " + f.goal() + " | " + f.measured() + " | "
                                + f.verdict().text() + " |")
                        .toList());
    }

    @Test
    void nothingIsWrittenOutsideTheMarks() {
        assertThat(SECTION.matcher(after).replaceAll("$1\n$4")).isEqualTo(before);
    }

    @Test
    void chartsAreWellFormed() throws Exception {
        assertThat(charts()).isNotEmpty().allSatisfy(chart -> {
            assertThat(after).contains("(" + chart.getFileName() + ")");
            assertThat(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(chart.toFile())
                            .getElementsByTagName("rect")
                            .getLength())
                    .isPositive();
        });
    }

    private static List<String> filledSections() {
        return SECTION.matcher(after)
                .results()
                .map((MatchResult section) -> section.group(3))
                .filter(section -> !section.isBlank())
                .toList();
    }

    private static List<Path> charts() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".svg")).toList();
        }
    }
}
