package dev.dualwrite.relay.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.alerts.AlertRules.Alert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Who is woken finds a page, and each page is found. */
class RunbookTest {

    private static final Path RUNBOOK = AlertRules.ROOT.resolve("docs/runbook");

    static List<Alert> alerts() throws IOException {
        return AlertRules.alerts();
    }

    static List<Path> pages() throws IOException {
        try (var files = Files.list(RUNBOOK)) {
            return files.sorted().toList();
        }
    }

    @Test
    void eachAlertHasAPageNamedAsItselfAndEachPageAnAlert() throws IOException {
        assertThat(alerts()).allSatisfy(alert -> {
            assertThat(alert.page()).isEqualTo("docs/runbook/" + alert.name() + ".md");
            assertThat(alert.severity()).isIn("page", "ticket");
        });
        assertThat(pages())
                .map(page -> page.getFileName().toString())
                .filteredOn(name -> !name.equals("README.md"))
                .containsExactlyInAnyOrderElementsOf(
                        alerts().stream().map(alert -> alert.name() + ".md").toList());
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void pageHasItsSectionsInOrderAndSaysOnWhichDatabaseAsWhom(Alert alert) throws IOException {
        RunbookPage page = RunbookPage.read(alert.path());

        assertThat(page.title()).isEqualTo(alert.name());
        assertThat(page.sections()).containsExactly("Meaning", "Impact", "Diagnosis", "Mitigation", "Afterwards");
        assertThat(page.steps("Diagnosis"))
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step.printed()).as(step.sql()).isNotEmpty());
        assertThat(Files.readString(alert.path()).replaceAll("\\s+", " "))
                .contains("On the **primary** (the database of the service, not the second store), in `psql`");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachLinkLeadsToAFileAndAHeadingThatAreThere(Path page) throws IOException {
        for (String link : RunbookPage.read(page).links()) {
            String[] parts = link.split("#", 2);
            Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
            assertThat(file).as("%s in %s", link, page).exists();
            if (parts.length == 2) {
                assertThat(anchors(file)).as("%s in %s", link, page).contains(parts[1]);
            }
        }
    }

    @Test
    void indexNamesEachAlertWithItsSeverity() throws IOException {
        String index = Files.readString(RUNBOOK.resolve("README.md"));

        assertThat(alerts())
                .allSatisfy(alert -> assertThat(index)
                        .contains("| [%1$s](%1$s.md) | %2$s |".formatted(alert.name(), alert.severity())));
    }

    @Test
    void dashboardLeadsToEachPageAndToNoOther() throws IOException {
        var pages = Dashboard.json().toString().replaceAll("(?s).*?\\$\\{runbooks\\}/(\\w+)\\.md|.+$", "$1 ");

        assertThat(List.of(pages.strip().split(" +")))
                .containsAll(alerts().stream().map(Alert::name).toList())
                .allSatisfy(page -> assertThat(RUNBOOK.resolve(page + ".md")).exists());
    }

    @Test
    void dashboardTakesItsDataSourceAsAVariableEverywhere() throws IOException {
        assertThat(Dashboard.json().findValues("datasource"))
                .hasSizeGreaterThan(20)
                .allSatisfy(source -> assertThat(source.get("uid").asString()).isEqualTo("${datasource}"));
        assertThat(Dashboard.panels().filter(panel -> panel.has("targets")))
                .allSatisfy(panel -> assertThat(panel.has("datasource")).isTrue());
    }

    @Test
    void panelsDoNotOverlap() throws IOException {
        List<JsonNode> places =
                Dashboard.panels().map(panel -> panel.get("gridPos")).toList();

        for (JsonNode one : places) {
            assertThat(places).filteredOn(other -> overlap(one, other)).hasSize(1);
        }
    }

    private static boolean overlap(JsonNode one, JsonNode other) {
        return overlap(one, other, "x", "w") && overlap(one, other, "y", "h");
    }

    private static boolean overlap(JsonNode one, JsonNode other, String at, String size) {
        int first = one.get(at).asInt();
        int second = other.get(at).asInt();
        return first < second + other.get(size).asInt()
                && second < first + one.get(size).asInt();
    }

    private static List<String> anchors(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
