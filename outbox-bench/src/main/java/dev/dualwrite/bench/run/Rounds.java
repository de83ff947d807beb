package dev.dualwrite.bench.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Measures contenders in turns, since a shared machine is never twice the same: what is compared is measured a moment apart,
 * each round begins with another one, and what swings is the round, not the ratio.
 */
public final class Rounds {

    private final Progress progress;
    private final int warmUps;
    private final int rounds;

    public Rounds(Progress progress, Extent extent) {
        this.progress = progress;
        this.warmUps = extent.warmUps();
        this.rounds = extent.rounds();
    }

    /** Blocks for all rounds; the first ones, for the JVM and the caches, do not count. */
    public Results measure(List<? extends Contender> contenders) throws Exception {
        var results = new Results();
        for (int round = -warmUps; round < rounds; round++) {
            List<Contender> turn = new ArrayList<>(contenders);
            Collections.rotate(turn, -Math.floorMod(round, turn.size()));
            for (Contender contender : turn) {
                Map<Metric, Double> values = contender.measure();
                progress.round(round, rounds, contender.name(), values);
                if (round >= 0) {
                    results.add(contender.name(), values);
                }
            }
        }
        return results;
    }
}
