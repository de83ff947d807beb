package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.spi.Projection.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link Projection#check} does. Pure. */
final class ProjectionCheck {

    private final Projection projection;
    private final List<String> findings = new ArrayList<>();

    private ProjectionCheck(Projection projection) {
        this.projection = projection;
    }

    static List<String> findings(Projection projection, List<Source> samples) {
        var check = new ProjectionCheck(projection);
        if (samples.isEmpty()) {
            check.findings.add("there is no sample, expected at least one");
        }
        for (int i = 0; i < samples.size(); i++) {
            check.sample("sample " + (i + 1), samples.get(i));
        }
        return check.findings;
    }

    private void sample(String sample, Source given) {
        Map<String, @Nullable Object> untouched;
        try {
            untouched = PayloadTree.copyObject(given.state());
        } catch (IllegalArgumentException e) {
            findings.add(sample + " is not JSON itself: " + e.getMessage());
            return;
        }
        try {
            Optional<Map<String, @Nullable Object>> first = answer(given, untouched, sample);
            Optional<Map<String, @Nullable Object>> second = answer(given, untouched, sample);
            if (!first.equals(second)) {
                findings.add(sample + " gives another answer the second time, expected the same");
            }
        } catch (IllegalArgumentException e) {
            findings.add(sample + " fails: " + e.getMessage());
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            // Samples are no secrets: here the whole message helps.
            findings.add(sample + " fails: " + FailurePlace.of(e) + ": " + e.getMessage());
        }
    }

    private Optional<Map<String, @Nullable Object>> answer(
            Source given, Map<String, @Nullable Object> untouched, String sample) {
        Map<String, @Nullable Object> state = PayloadTree.copyObject(untouched);
        Optional<Map<String, @Nullable Object>> answer =
                projection.project(new Source(given.aggregate(), state)).map(PayloadTree::copyObject);
        String changed = sample + " is changed by the projection, expected that it leaves its source as it is";
        if (!state.equals(untouched) && !findings.contains(changed)) {
            findings.add(changed);
        }
        return answer;
    }
}
