package dev.dualwrite.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plan that the server has run, with what it really read. Immutable.
 *
 * @param text as EXPLAIN (ANALYZE, BUFFERS) shows it
 * @param steps from top to bottom
 */
public record RunPlan(String text, List<PlanStep> steps) {

    private static final Pattern STEP = Pattern.compile("\\s*(?:->\\s+)?(?<kind>[A-Z][A-Za-z -]*?)"
            + "(?: using (?<index>\\S+))?(?: on (?<relation>\\S+))?(?: \\S+)?\\s+\\(cost=[^)]*\\)"
            + " \\((?:actual (?:time=\\S+ )?rows=(?<rows>[0-9.]+) loops=(?<loops>\\d+)|never executed)\\)");
    private static final Pattern REMOVED = Pattern.compile("\\s*Rows Removed by [A-Za-z ]+: (\\d+)");
    private static final Pattern PAGES = Pattern.compile("\\s*Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?.*");

    public RunPlan {
        steps = List.copyOf(steps);
    }

    static RunPlan parse(String text) {
        var steps = new ArrayList<PlanStep>();
        long loops = 0;
        for (String line : text.split("\n", -1)) {
            Matcher step = STEP.matcher(line);
            Matcher removed = REMOVED.matcher(line);
            Matcher pages = PAGES.matcher(line);
            if (step.matches()) {
                loops = number(step.group("loops"));
                double rows = step.group("rows") == null ? 0 : Double.parseDouble(step.group("rows"));
                // The server shows the average of the loops.
                long read = Math.round(rows * loops);
                steps.add(new PlanStep(
                        step.group("kind").strip(),
                        orEmpty(step.group("relation")),
                        orEmpty(step.group("index")),
                        read,
                        0));
            } else if (removed.matches()) {
                add(steps, number(removed.group(1)) * loops, 0);
            } else if (pages.matches()) {
                add(steps, 0, number(pages.group(1)) + number(pages.group(2)));
            }
        }
        return new RunPlan(text, steps);
    }

    /** The scans of this table. */
    public List<PlanStep> scansOf(String table) {
        return steps.stream()
                .filter(step -> step.isScan() && step.relation().equals(table))
                .toList();
    }

    private static void add(List<PlanStep> steps, long rows, long pages) {
        // Above the first step stand the buffers of the planning, if any.
        if (!steps.isEmpty()) {
            steps.set(steps.size() - 1, steps.get(steps.size() - 1).plus(rows, pages));
        }
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
