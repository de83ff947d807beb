package dev.dualwrite.bench;

import dev.dualwrite.bench.backlog.BacklogGroup;
import dev.dualwrite.bench.backlog.PinnedGroup;
import dev.dualwrite.bench.capture.CaptureGroup;
import dev.dualwrite.bench.drain.DrainGroup;
import dev.dualwrite.bench.idle.IdleGroup;
import dev.dualwrite.bench.latency.LatencyGroup;
import dev.dualwrite.bench.micro.MicroGroup;
import dev.dualwrite.bench.pods.PodsGroup;
import dev.dualwrite.bench.producer.ProducerGroup;
import dev.dualwrite.bench.producer.RoundTripsGroup;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Progress;
import dev.dualwrite.bench.run.Report;
import dev.dualwrite.bench.run.Run;
import dev.dualwrite.bench.startup.StartupGroup;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.wal.WalGroup;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Measures everything, or the groups that are named, and writes {@code performance.md}. */
public final class Bench {

    private Bench() {}

    /** The directory of the document, and the names of groups, joined by commas; none means all. */
    public static void main(String[] args) {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: Bench <directory of performance.md> [group,group…]; groups: " + names());
            System.exit(2);
        }
        // Whatever thread is left of what was measured must not keep the build waiting, least of all after a failure.
        try {
            run(Path.of(args[0]), Extent.full(), chosen(args.length == 2 ? args[1] : ""), new Progress(System.out));
            System.exit(0);
        } catch (Exception | Error e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    /** Measures on two new servers and writes the report, if every group was measured. */
    static Findings run(Path directory, Extent extent, List<Group> groups, Progress progress) throws Exception {
        try (Cluster primary = Cluster.start();
                Cluster secondary = Cluster.start()) {
            var machine = new Machine(primary);
            progress.say("measuring on " + machine.describe());
            Findings findings = Run.measure(groups, new Group.Bench(primary, secondary, extent, progress));
            findings.print(progress);
            if (groups.size() == groups().size()) {
                new Report(directory, machine.server()).write(findings, machine.circumstances());
                progress.say("written: " + directory.resolve("performance.md"));
            } else {
                progress.say("nothing is written to " + directory + ": only some groups were measured");
            }
            return findings;
        }
    }

    /** Every group, in the order of the report. */
    static List<Group> groups() {
        return List.of(
                new DrainGroup(),
                new BacklogGroup(),
                new PinnedGroup(),
                new PodsGroup(),
                new ProducerGroup(),
                new RoundTripsGroup(),
                new WalGroup(),
                new CaptureGroup(),
                new LatencyGroup(),
                new IdleGroup(),
                new StartupGroup(),
                new MicroGroup());
    }

    private static List<Group> chosen(String names) {
        if (names.isBlank()) {
            return groups();
        }
        Set<String> wanted =
                Arrays.stream(names.split(",", -1)).map(String::strip).collect(Collectors.toSet());
        List<Group> chosen =
                groups().stream().filter(group -> wanted.contains(group.name())).toList();
        if (chosen.size() != wanted.size()) {
            throw new IllegalArgumentException("groups are " + names + ", must be of " + names());
        }
        return chosen;
    }

    private static List<String> names() {
        return groups().stream().map(Group::name).toList();
    }
}
