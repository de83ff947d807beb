package dev.dualwrite.bench;

import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import java.util.Map;

/** A group that counts the figures it found. */
record CountedGroup(Group group, Map<String, Integer> figures) implements Group {

    @Override
    public String name() {
        return group.name();
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int before = findings.figures().size();
        group.measure(bench, findings);
        figures.put(name(), findings.figures().size() - before);
    }
}
