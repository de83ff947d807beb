package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What a relay without mistakes might do to a few aggregates, open to be spoilt in one place. */
final class RandomHistory {

    /** Where an event came to be: known to have committed, unknown to the writer, or lost by a failover. */
    enum Fate {
        COMMITTED,
        UNKNOWN,
        FORGOTTEN
    }

    record Commit(String token, Operation operation, Fate fate) {}

    record Effect(String token, long version, Operation operation) {

        Effect withToken(String other) {
            return new Effect(other, version, operation);
        }

        Effect withVersion(long other) {
            return new Effect(token, other, operation);
        }

        Effect withOperation(Operation other) {
            return new Effect(token, version, other);
        }
    }

    /** One aggregate: what was committed, what was applied, the two ends. */
    static final class Story {
        final List<Commit> commits = new ArrayList<>();
        final List<Effect> effects = new ArrayList<>();
        String primary;
        String secondary;
    }

    final Map<String, Story> stories = new TreeMap<>();

    RandomHistory(RandomGenerator random) {
        int aggregates = 1 + random.nextInt(5);
        for (int id = 0; id < aggregates; id++) {
            stories.put("" + id, story(random));
        }
    }

    HistoryChecker checker() {
        var checker = new HistoryChecker();
        stories.forEach((id, story) -> tell(checker, Aggregate.of("order", id), story));
        return checker;
    }

    private static void tell(HistoryChecker checker, Aggregate aggregate, Story story) {
        for (Commit commit : story.commits) {
            checker.attempted(aggregate, commit.token(), commit.operation());
            if (commit.fate() != Fate.UNKNOWN) {
                checker.committed(aggregate, commit.token(), commit.operation());
            }
            if (commit.fate() == Fate.FORGOTTEN) {
                checker.forgotten(aggregate, commit.token(), commit.operation());
            }
        }
        story.effects.forEach(e -> checker.applied(aggregate, e.token(), new Version(e.version()), e.operation()));
        if (story.primary != null) {
            checker.primaryHolds(aggregate, story.primary);
        }
        if (story.secondary != null) {
            checker.secondaryHolds(aggregate, story.secondary);
        }
    }

    /** The last commit is known, survives, and is an upsert with an effect: so each mutation has something to break. */
    private static Story story(RandomGenerator random) {
        var story = new Story();
        int commits = 3 + random.nextInt(20);
        long version = 0;
        for (int n = 1; n <= commits; n++) {
            boolean last = n == commits;
            Operation operation = !last && random.nextInt(4) == 0 ? Operation.DELETE : Operation.UPSERT;
            Fate fate = last || random.nextInt(3) > 0 ? Fate.COMMITTED : Fate.values()[random.nextInt(3)];
            story.commits.add(new Commit("t" + n, operation, fate));
            version += 1 + random.nextInt(1_000);
            if (last || random.nextBoolean()) {
                story.effects.add(new Effect("t" + n, version, operation));
            }
        }
        story.primary = "t" + commits;
        story.secondary = story.primary;
        return story;
    }
}
