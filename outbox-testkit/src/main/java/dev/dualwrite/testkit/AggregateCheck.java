package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.testkit.AggregateHistory.Commit;
import dev.dualwrite.testkit.AggregateHistory.Effect;
import dev.dualwrite.testkit.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One walk over the effects of one aggregate, beside its commit order; then a look at both ends. Confined to one thread. */
final class AggregateCheck {

    private static final int NAMED = 5;

    private final AggregateHistory history;
    private final List<Violation> found = new ArrayList<>();

    /** Of the newest commit whose effect was seen, in commit order. */
    private int place = -1;

    private @Nullable Version version;

    AggregateCheck(AggregateHistory history) {
        this.history = history;
    }

    List<Violation> violations() {
        for (Effect effect : history.effects()) {
            versionRises(effect);
            followsCommitOrder(effect);
        }
        int last = lastSurvivor();
        nothingIsLost(last);
        primaryHoldsLastCommit(last);
        secondaryHoldsLastEffect();
        if (!Objects.equals(history.primary(), history.secondary())) {
            violation(
                    Kind.STATES_DIFFER,
                    "the primary holds " + state(history.primary()) + ", the secondary " + state(history.secondary()));
        }
        return found;
    }

    private void versionRises(Effect effect) {
        Version before = version;
        if (before != null && effect.version().compareTo(before) <= 0) {
            violation(
                    Kind.VERSION_NOT_RISING,
                    "effect of " + effect + " after one of version " + before.value() + ", expected a larger version");
        } else {
            version = effect.version();
        }
    }

    private void followsCommitOrder(Effect effect) {
        String token = effect.token();
        Integer its = token == null ? nextDeletion() : history.placeOf(token);
        if (its == null) {
            if (!history.hasNoPlace(token, effect.operation())) {
                violation(
                        token == null && deletionsCommitted() ? Kind.OUT_OF_ORDER : Kind.INVENTED,
                        "effect of " + effect + ", which no writer asked for"
                                + (token == null ? " after " + history.commits().subList(0, place + 1) : ""));
            }
            return;
        }
        Commit commit = history.commits().get(its);
        if (commit.operation() != effect.operation()) {
            violation(Kind.INVENTED, "effect of " + effect + ", what was committed is " + commit);
        }
        if (its > place) {
            place = its;
        } else if (its == place) {
            violation(Kind.OUT_OF_ORDER, "effect of " + effect + " twice, expected once");
        } else {
            violation(
                    Kind.OUT_OF_ORDER,
                    "effect of " + effect + " after that of "
                            + history.commits().get(place) + ", which was committed later");
        }
    }

    /** An unnamed deletion is taken for the earliest one it can be, which leaves the most room for what follows. */
    private @Nullable Integer nextDeletion() {
        for (int i = place + 1; i < history.commits().size(); i++) {
            if (history.commits().get(i).operation() == Operation.DELETE) {
                return i;
            }
        }
        return null;
    }

    private boolean deletionsCommitted() {
        return history.commits().stream().anyMatch(commit -> commit.operation() == Operation.DELETE);
    }

    private int lastSurvivor() {
        for (int i = history.commits().size() - 1; i >= 0; i--) {
            if (history.survived(history.commits().get(i))) {
                return i;
            }
        }
        return -1;
    }

    private void nothingIsLost(int last) {
        if (place >= last || nothingToSeeOf(history.commits().get(last)) || endsWithUnknownThatSurvived()) {
            return;
        }
        List<Commit> missing = history.commits().subList(place + 1, last + 1).stream()
                .filter(history::survived)
                .toList();
        String named =
                missing.stream().limit(NAMED).map(Commit::toString).toList().toString();
        violation(
                Kind.LOST,
                missing.size() + " commits have no effect, and no later commit has one: " + named
                        + (missing.size() > NAMED ? " and more" : "")
                        + (history.effects().isEmpty()
                                ? "; no effect at all"
                                : "; the last effect is " + lastEffect()));
    }

    /** Deleting what is not there changes nothing: the older entries were left out in favour of the deletion. */
    private boolean nothingToSeeOf(Commit commit) {
        Effect effect = lastEffect();
        return commit.operation() == Operation.DELETE && (effect == null || effect.operation() == Operation.DELETE);
    }

    private boolean endsWithUnknownThatSurvived() {
        Effect effect = lastEffect();
        return effect != null
                && history.hasNoPlace(effect.token(), effect.operation())
                && Objects.equals(history.primary(), left(effect))
                && history.mayHaveSurvivedUnknown(history.primary());
    }

    private void primaryHoldsLastCommit(int last) {
        Commit commit = last < 0 ? null : history.commits().get(last);
        String expected = commit == null || commit.operation() == Operation.DELETE ? null : commit.token();
        String held = history.primary();
        if (!Objects.equals(held, expected) && !history.mayHaveSurvivedUnknown(held)) {
            boolean known = held == null || history.placeOf(held) != null;
            violation(
                    known ? Kind.LOST : Kind.INVENTED,
                    "the primary holds " + state(held) + ", its last commit " + (commit == null ? "is unknown" : commit)
                            + " leaves " + state(expected));
        }
    }

    private void secondaryHoldsLastEffect() {
        Effect effect = lastEffect();
        String expected = effect == null ? null : left(effect);
        if (!Objects.equals(history.secondary(), expected)) {
            violation(
                    Kind.UNEXPLAINED,
                    "the secondary holds " + state(history.secondary()) + ", its last effect "
                            + (effect == null ? "(there is none)" : effect) + " leaves " + state(expected));
        }
    }

    private @Nullable Effect lastEffect() {
        List<Effect> effects = history.effects();
        return effects.isEmpty() ? null : effects.get(effects.size() - 1);
    }

    private static @Nullable String left(Effect effect) {
        return effect.operation() == Operation.DELETE ? null : effect.token();
    }

    private static String state(@Nullable String token) {
        return token == null ? "nothing" : "'" + token + "'";
    }

    private void violation(Kind kind, String detail) {
        found.add(new Violation(kind, history.aggregate(), detail));
    }
}
