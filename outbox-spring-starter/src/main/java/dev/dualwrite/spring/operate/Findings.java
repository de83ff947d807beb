package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says of one sink what is wrong with it. A pure decision.
 *
 * @param lagBudget how old the oldest entry may be
 * @param unheldFor how long a lane may be without a holder: two leases, since it changes hands within one
 * @param sinks those that this process appends for; another one that nobody carries and that has no entries was retired
 */
record Findings(Duration lagBudget, Duration unheldFor, Set<String> sinks) {

    Findings {
        sinks = Set.copyOf(sinks);
    }

    /**
     * Of a sink as it was seen at a time.
     *
     * @param unheldSince since when it has lanes that no living relay holds; absent if it has none
     */
    List<Finding> of(SinkOverview sink, Instant at, @Nullable Instant unheldSince) {
        var findings = new ArrayList<Finding>();
        String name = sink.sink();
        boolean isRetired = sink.backlog().entries() == 0 && !sinks.contains(name);
        if (sink.relays() == 0 && !isRetired) {
            findings.add(new Finding(
                    "no living relay carries it",
                    null,
                    "start a relay that has sink " + name + " in its configuration; the view relays shows who lives"));
        }
        if (sink.state().equals("paused")) {
            findings.add(new Finding(
                    "paused by " + sink.pausedBy() + ": " + sink.reason(),
                    sink.since(),
                    "resume it once whoever paused it agrees"));
        } else if (sink.state().equals("tripped")) {
            findings.add(new Finding(
                    "its store does not work: " + sink.reason(),
                    sink.since(),
                    "see to the store; the relay goes on by itself"));
        }
        if (sink.relays() > 0
                && unheldSince != null
                && !unheldSince.plus(unheldFor).isAfter(at)) {
            findings.add(new Finding(
                    sink.unheldLanes() + " of " + sink.lanes() + " lanes are held by no living relay",
                    unheldSince,
                    "look into the log of the relays, and at the view shards"));
        }
        if (sink.backlog().lag().compareTo(lagBudget) > 0) {
            findings.add(new Finding(
                    "the oldest entry is " + sink.backlog().lag().toSeconds() + " s old, more than the budget of "
                            + lagBudget.toSeconds() + " s",
                    sink.backlog().oldestAppendedAt(),
                    "the other findings say why; without any, add relays or see whether the store is slow"));
        }
        if (sink.backlog().dead() > 0) {
            findings.add(new Finding(
                    sink.backlog().dead() + " entries are dead",
                    null,
                    "look at the view stuck_entries, cure the cause, then requeue or discard them"));
        }
        return findings;
    }
}
