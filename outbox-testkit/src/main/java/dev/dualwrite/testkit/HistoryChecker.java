package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether what happened at a secondary store follows from what was committed at the primary: nothing lost, nothing
 * invented, the effects of each aggregate in commit order, the final states equal.
 *
 * <p>Each commit is known by a token, a text that the writer puts into the state and that differs from every other token
 * of the aggregate. A history is told in any order of calls, except that {@link #committed} follows the commit order of each
 * aggregate and {@link #applied} the order of the effects at the secondary. Data that was there before is told as a commit
 * and an effect.
 *
 * <p>What is not a violation: a commit without an effect whose aggregate has a later effect (the relay lets the newest
 * stand for older ones), and a deletion of what is not there, since nothing is to be seen of it.
 *
 * <p>Confined to one thread. No I/O: {@link #check()} gives the same answer for the same history.
 */
public final class HistoryChecker {

    private static final int SHOWN = 20;

    private final Map<Aggregate, AggregateHistory> histories =
            new TreeMap<>(Comparator.comparing(Aggregate::type).thenComparing(Aggregate::id));
    private int commits;
    private int effects;

    /**
     * The primary committed this, after everything told of the aggregate before.
     *
     * @throws IllegalArgumentException if the aggregate has a commit with this token already
     */
    public HistoryChecker committed(Aggregate aggregate, String token, Operation operation) {
        of(aggregate).committed(token, operation);
        commits++;
        return this;
    }

    /**
     * A writer tried to commit this and may not know how it ended. Without a {@link #committed} of the same token its
     * effect may be there or not, at any place in the order. Tell every attempt, or those with an unknown end only.
     */
    public HistoryChecker attempted(Aggregate aggregate, String token, Operation operation) {
        of(aggregate).attempted(token, operation);
        return this;
    }

    /**
     * A failover of the primary lost this commit. Its effect may be at the secondary, but not after that of a later commit
     * that survived, and not in the final state. Where it is told as {@link #committed} too, that gives its place in the
     * order; otherwise only its version does.
     */
    public HistoryChecker forgotten(Aggregate aggregate, String token, Operation operation) {
        of(aggregate).forgotten(token, operation);
        return this;
    }

    /**
     * The secondary changed.
     *
     * @param token of the state written; null for a deletion, if the secondary cannot tell which one it was
     * @param version that guarded the write
     * @throws IllegalArgumentException if an upsert comes without a token
     */
    public HistoryChecker applied(Aggregate aggregate, @Nullable String token, Version version, Operation operation) {
        of(aggregate).applied(token, version, operation);
        effects++;
        return this;
    }

    /**
     * What the primary holds at the end; an aggregate that is not told is absent there.
     *
     * @throws IllegalArgumentException if told twice
     */
    public HistoryChecker primaryHolds(Aggregate aggregate, String token) {
        of(aggregate).primaryHolds(token);
        return this;
    }

    /**
     * What the secondary holds at the end; an aggregate that is not told is absent there.
     *
     * @throws IllegalArgumentException if told twice
     */
    public HistoryChecker secondaryHolds(Aggregate aggregate, String token) {
        of(aggregate).secondaryHolds(token);
        return this;
    }

    /** Every violation, by aggregate; empty if the history is as promised. */
    public List<Violation> check() {
        return histories.values().stream()
                .flatMap(history -> history.check().stream())
                .toList();
    }

    /**
     * Requires a history as promised.
     *
     * @throws AssertionError with the first 20 violations
     */
    public void assertClean() {
        List<Violation> violations = check();
        if (!violations.isEmpty()) {
            throw new AssertionError(report(violations));
        }
    }

    private String report(List<Violation> violations) {
        var report = new StringBuilder(
                "%,d violations in a history of %,d commits and %,d effects of %,d aggregates, expected none"
                        .formatted(violations.size(), commits, effects, histories.size()));
        violations.stream().limit(SHOWN).forEach(v -> report.append("\n  ").append(v));
        if (violations.size() > SHOWN) {
            report.append("\n  and %,d more".formatted(violations.size() - SHOWN));
        }
        return report.toString();
    }

    private AggregateHistory of(Aggregate aggregate) {
        return histories.computeIfAbsent(aggregate, AggregateHistory::new);
    }
}
