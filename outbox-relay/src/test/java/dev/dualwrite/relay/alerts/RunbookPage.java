package dev.dualwrite.relay.alerts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A page of the runbook.
 *
 * @param title its first heading
 * @param sections the others, in order
 * @param steps its statements, in order
 * @param links where it leads to
 */
record RunbookPage(String title, List<String> sections, List<Step> steps, List<String> links) {

    private static final Pattern BLOCK = Pattern.compile(
            "^( *)```sql\\n(.*?);\\n *```\\n(?: *```text\\n(.*?)\\n *```)?", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern SECTION = Pattern.compile("^## (.*)$", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)");

    /**
     * A statement.
     *
     * @param section where it stands
     * @param printed what the page shows below it
     */
    record Step(String section, String sql, String printed) {}

    static RunbookPage read(Path file) throws IOException {
        String text = Files.readString(file);
        var steps = new ArrayList<Step>();
        String section = "";
        for (String part : text.split("(?m)^(?=## )", -1)) {
            section = SECTION.matcher(part)
                    .results()
                    .map(found -> found.group(1))
                    .findFirst()
                    .orElse(section);
            for (MatchResult block : BLOCK.matcher(part).results().toList()) {
                String printed = block.group(3) == null ? "" : block.group(3);
                steps.add(new Step(section, block.group(2).stripIndent(), printed));
            }
        }
        return new RunbookPage(
                text.lines().findFirst().orElse("").replaceFirst("^# ", ""),
                SECTION.matcher(text).results().map(found -> found.group(1)).toList(),
                List.copyOf(steps),
                LINK.matcher(text).results().map(found -> found.group(1)).toList());
    }

    /** The statements of one section. */
    List<Step> steps(String section) {
        return steps.stream().filter(step -> step.section().equals(section)).toList();
    }
}
