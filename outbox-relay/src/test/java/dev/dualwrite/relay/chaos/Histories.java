package dev.dualwrite.relay.chaos;

import dev.dualwrite.outbox.Version;
import dev.dualwrite.relay.chaos.History.Commit;
import dev.dualwrite.relay.chaos.Secondary.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The rules that a history has to keep.
 *
 * <ol>
 *   <li>Nothing is invented: every effect was asked for by a writer; and it was committed, unless a failover lost it.
 *   <li>Versions of an aggregate rise with every effect.
 *   <li>Order: within an epoch the effects of an aggregate are in commit order, none twice. (A new epoch begins with what the
 *       failover took the proof of: entries may be applied again there.)
 *   <li>Nothing is lost: at the end the secondary holds each aggregate as it was committed last.
 * </ol>
 */
final class Histories {

    private final History history;
    private final Set<String> attempted;
    private final Map<String, Integer> placeOf = new HashMap<>();
    private final int lastEpoch;
    private final List<String> violations = new ArrayList<>();

    private Histories(History history) {
        this.history = history;
        attempted = history.attempts().stream().map(Ledger.Attempt::token).collect(Collectors.toSet());
        history.committed().values().forEach(commits -> {
            for (int i = 0; i < commits.size(); i++) {
                placeOf.put(commits.get(i).token(), i);
            }
        });
        lastEpoch = lastEpoch(history.effects());
    }

    static int lastEpoch(List<Effect> effects) {
        return effects.stream()
                .mapToInt(effect -> epoch(effect.version()))
                .max()
                .orElse(0);
    }

    static int epoch(long version) {
        return new Version(version).epoch();
    }

    static long sequence(long version) {
        return new Version(version).sequence();
    }

    /** One line for each rule that an effect or an aggregate breaks. */
    static List<String> violations(History history) {
        var check = new Histories(history);
        Map<String, List<Effect>> byAggregate =
                history.effects().stream().collect(Collectors.groupingBy(Effect::aggregate));
        byAggregate.values().forEach(check::effectsOfOneAggregate);
        history.committed().forEach(check::endOfOneAggregate);
        return check.violations;
    }

    /** How much there was to check. */
    static String counts(History history) {
        var check = new Histories(history);
        long notCommitted = history.effects().stream()
                .filter(effect -> !check.placeOf.containsKey(effect.token()))
                .count();
        return check.placeOf.size() + " commits, " + history.effects().size() + " effects in " + (check.lastEpoch + 1)
                + " epochs, " + notCommitted + " of them of commits that a failover lost";
    }

    private void effectsOfOneAggregate(List<Effect> effects) {
        long version = -1;
        int epoch = -1;
        int place = -1;
        for (Effect effect : effects) {
            if (effect.version() <= version) {
                violations.add("version not rising: " + effect + " after version " + version);
            }
            version = effect.version();
            if (epoch(version) != epoch) {
                epoch = epoch(version);
                place = -1;
            }
            Integer its = placeOf.get(effect.token());
            if (its == null) {
                notCommitted(effect);
            } else if (its <= place) {
                violations.add("out of order: " + effect + " is commit " + its + ", after commit " + place);
            } else {
                place = its;
            }
        }
    }

    private void notCommitted(Effect effect) {
        if (!attempted.contains(effect.token())) {
            violations.add("invented: " + effect + " was asked for by no writer");
        } else if (epoch(effect.version()) == lastEpoch) {
            violations.add("invented: " + effect + " was never committed, and no failover can have lost it");
        }
    }

    private void endOfOneAggregate(String aggregate, List<Commit> commits) {
        Commit last = commits.get(commits.size() - 1);
        String expected = last.deleted() ? null : last.token();
        String held = history.rows().get(aggregate);
        if (!Objects.equals(held, expected)) {
            violations.add("lost: aggregate " + aggregate + " holds " + held + ", last committed was " + last);
        }
    }
}
