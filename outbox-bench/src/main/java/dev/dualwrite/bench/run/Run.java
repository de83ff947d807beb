package dev.dualwrite.bench.run;

import java.util.List;

/** Measures groups one after the other. */
public final class Run {

    private Run() {}

    /** Blocks for all of them. The first that fails ends the run: a report with a hole in it would not be noticed. */
    public static Findings measure(List<Group> groups, Group.Bench bench) throws Exception {
        var findings = new Findings();
        int number = 0;
        for (Group group : groups) {
            bench.progress().group(group.name(), ++number, groups.size());
            group.measure(bench, findings);
        }
        return findings;
    }
}
