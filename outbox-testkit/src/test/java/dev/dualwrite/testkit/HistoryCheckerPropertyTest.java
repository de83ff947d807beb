package dev.dualwrite.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.testkit.RandomHistory.Commit;
import dev.dualwrite.testkit.RandomHistory.Effect;
import dev.dualwrite.testkit.RandomHistory.Fate;
import dev.dualwrite.testkit.RandomHistory.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a relay without mistakes does passes, and one mistake anywhere in it is found. To repeat a run: -Ddualwrite.seed. */
class HistoryCheckerPropertyTest {

    private static final long SEED = Long.getLong("dualwrite.seed", System.nanoTime());
    private static final int RUNS = 2_000;

    /** One change of one story; false if it has nothing to change there. */
    @FunctionalInterface
    interface Change {
        boolean spoil(Story story, Random random);
    }

    @SuppressWarnings("ImmutableEnumChecker") // each holds a function without state
    enum Mutation {
        LOSE_THE_LAST_EFFECT((story, random) -> {
            story.effects.remove(story.effects.size() - 1);
            Effect last = story.effects.isEmpty() ? null : story.effects.get(story.effects.size() - 1);
            story.secondary = last == null || last.operation() == Operation.DELETE ? null : last.token();
            return true;
        }),
        EXCHANGE_TWO_EFFECTS((story, random) -> {
            List<Integer> known = placed(story);
            if (known.size() < 2) {
                return false;
            }
            int second = 1 + random.nextInt(known.size() - 1);
            int i = known.get(second - 1);
            int j = known.get(second);
            Effect first = story.effects.get(i);
            Effect later = story.effects.get(j);
            // The versions stay where they are, as those of a relay that drew them too late would.
            story.effects.set(i, later.withVersion(first.version()));
            story.effects.set(j, first.withVersion(later.version()));
            return true;
        }),
        REPEAT_AN_EFFECT((story, random) -> {
            int i = random.nextInt(story.effects.size());
            story.effects.add(i, story.effects.get(i));
            return true;
        }),
        BRING_AN_OLD_EFFECT_BACK((story, random) -> {
            Effect last = story.effects.get(story.effects.size() - 1);
            Effect old = story.effects.get(random.nextInt(story.effects.size()));
            story.effects.add(old.withVersion(Math.min(old.version(), last.version())));
            return true;
        }),
        INVENT_AN_EFFECT((story, random) -> {
            int i = random.nextInt(story.effects.size());
            story.effects.set(i, story.effects.get(i).withToken("ghost"));
            return true;
        }),
        DO_THE_OPPOSITE((story, random) -> {
            int i = random.nextInt(story.effects.size());
            Effect effect = story.effects.get(i);
            story.effects.set(
                    i,
                    effect.withOperation(effect.operation() == Operation.DELETE ? Operation.UPSERT : Operation.DELETE));
            return true;
        }),
        STOP_THE_VERSION((story, random) -> {
            if (story.effects.size() < 2) {
                return false;
            }
            int i = 1 + random.nextInt(story.effects.size() - 1);
            long before = story.effects.get(i - 1).version();
            story.effects.set(i, story.effects.get(i).withVersion(before - random.nextInt(2)));
            return true;
        }),
        EMPTY_THE_PRIMARY((story, random) -> {
            story.primary = null;
            return true;
        }),
        EMPTY_THE_SECONDARY((story, random) -> {
            story.secondary = null;
            return true;
        }),
        LEAVE_AN_OLD_STATE((story, random) -> {
            story.secondary = "t1";
            return true;
        });

        private final Change change;

        Mutation(Change change) {
            this.change = change;
        }

        /** Effects whose place in the commit order is known. */
        private static List<Integer> placed(Story story) {
            var known = new ArrayList<Integer>();
            for (int i = 0; i < story.effects.size(); i++) {
                String token = story.effects.get(i).token();
                for (Commit commit : story.commits) {
                    if (commit.token().equals(token) && commit.fate() != Fate.UNKNOWN) {
                        known.add(i);
                    }
                }
            }
            return known;
        }
    }

    @Test
    void historyWithoutMistakesIsClean() {
        for (int run = 0; run < RUNS; run++) {
            var history = new RandomHistory(random(run));

            assertThat(history.checker().check())
                    .as("-Ddualwrite.seed=%d, run %d", SEED, run)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneMistakeIsFound(Mutation mutation) {
        int made = 0;
        for (int run = 0; run < RUNS; run++) {
            Random random = random(run);
            var history = new RandomHistory(random);
            var stories = List.copyOf(history.stories.values());
            if (mutation.change.spoil(stories.get(random.nextInt(stories.size())), random)) {
                made++;

                assertThat(history.checker().check())
                        .as("%s, -Ddualwrite.seed=%d, run %d", mutation, SEED, run)
                        .isNotEmpty();
            }
        }
        assertThat(made).as("histories that %s could change", mutation).isGreaterThan(RUNS / 2);
    }

    private static Random random(int run) {
        return new Random(SEED + run);
    }
}
