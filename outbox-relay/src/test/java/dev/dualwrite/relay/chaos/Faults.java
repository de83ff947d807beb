package dev.dualwrite.relay.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The kinds of faults, and the choice among them. */
final class Faults {

    private static final List<Fault> ALL = List.of(
            new PodFaults.KillPod(),
            new PodFaults.Zombie(),
            new PodFaults.RestartPodGracefully(),
            new PodFaults.SkewClock(),
            new PodFaults.WrongShardCount(),
            new PrimaryFaults.RestartPrimaryFast(),
            new PrimaryFaults.RestartPrimaryImmediate(),
            new PrimaryFaults.FailOver(),
            new PrimaryFaults.LongTransaction(),
            new PrimaryFaults.PauseSink(),
            new SecondaryFaults.RestartSecondary(),
            new SecondaryFaults.LockSecondary(),
            new WireFaults.CutPrimary(),
            new WireFaults.CutSecondary(),
            new WireFaults.StallPrimary(),
            new WireFaults.StallSecondary(),
            new SinkFaults.SinkThrows(),
            new SinkFaults.SinkHangs(),
            new SinkFaults.SinkThrottles(),
            new SinkFaults.SinkLosesReply(),
            new SinkFaults.SinkCrashes());

    private Faults() {}

    /** All kinds, or those that {@code -Ddualwrite.chaos.faults} names, separated by commas. */
    static List<Fault> chosen() {
        String names = System.getProperty("dualwrite.chaos.faults", "");
        if (names.isEmpty()) {
            return ALL;
        }
        Set<String> wanted = Set.copyOf(Arrays.asList(names.split(",")));
        List<Fault> found =
                ALL.stream().filter(fault -> wanted.contains(fault.name())).toList();
        if (found.size() != wanted.size()) {
            throw new IllegalArgumentException("dualwrite.chaos.faults is " + names + ", expected names among "
                    + ALL.stream().map(Fault::name).toList());
        }
        return found;
    }
}
