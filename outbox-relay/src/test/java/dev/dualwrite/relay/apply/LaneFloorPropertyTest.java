package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A naive model of PostgreSQL's transaction ids, one sequence and snapshots, with transactions that draw numbers, dawdle and
 * commit or roll back in any order: whatever happens, every committed entry is claimed.
 */
class LaneFloorPropertyTest {

    private static final int RUNS = 300;
    private static final int STEPS = 400;

    @Test
    void noCommittedEntryIsEverBelowTheFloorUnclaimed() {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime());
        var seeds = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            new World(seeds.nextLong(), seed).run();
        }
    }

    private static final class Transaction {
        final long xid;
        final List<Long> numbers = new ArrayList<>();

        Transaction(long xid) {
            this.xid = xid;
        }
    }

    private static final class World {
        private final Random random;
        private final long seed;
        private LaneFloor floor = new LaneFloor(0);
        private final Set<Long> leftOut = new HashSet<>();
        private long stored;
        private final List<Transaction> open = new ArrayList<>();
        private final TreeMap<Long, Boolean> visible = new TreeMap<>();
        private final Set<Long> claimed = new HashSet<>();
        private final Set<Long> committed = new HashSet<>();
        private long nextXid = 100;
        private long sequence;
        private long claims;

        World(long runSeed, long seed) {
            this.random = new Random(runSeed);
            this.seed = seed;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> open.add(new Transaction(nextXid++));
                    case 1, 2 -> draw();
                    case 3 -> end(random.nextInt(5) > 0);
                    default -> claim();
                }
            }
            while (!open.isEmpty()) {
                end(true);
            }
            for (int i = 0; i < 2000 && !visible.isEmpty(); i++) {
                claim();
            }
            assertThat(claimed)
                    .as("seed %d: entries lost below the floor", seed)
                    .isEqualTo(committed);
        }

        private void draw() {
            if (!open.isEmpty()) {
                open.get(random.nextInt(open.size())).numbers.add(++sequence);
            }
        }

        private void end(boolean commit) {
            if (open.isEmpty()) {
                return;
            }
            Transaction ended = open.remove(random.nextInt(open.size()));
            if (commit) {
                ended.numbers.forEach(number -> visible.put(number, true));
                committed.addAll(ended.numbers);
            }
        }

        private void claim() {
            long lastSequence = sequence;
            long xmin = open.stream().mapToLong(t -> t.xid).min().orElse(nextXid);
            poll();
            leaveOutOne();
            long xminOfOthers = open.stream()
                    .mapToLong(t -> t.xid)
                    .filter(xid -> !leftOut.contains(xid))
                    .min()
                    .orElse(nextXid);
            somethingHappens();
            int limit = 1 + random.nextInt(4);
            List<Long> batch = behind(floor.start(), limit);
            boolean full = batch.size() == limit;
            long last = batch.isEmpty() ? 0 : batch.get(batch.size() - 1);
            claims++;
            floor.claimed(
                    xmin,
                    xminOfOthers,
                    full
                            ? new LaneFloor.Seen(last, last, claims)
                            : new LaneFloor.Seen(Math.max(last, lastSequence), Long.MAX_VALUE, claims));
            long afterClaim = claims;
            somethingHappens();
            if (random.nextBoolean()) {
                // Another lane's turn: a poll while this batch is at the sink.
                poll();
            }
            if (!batch.isEmpty() && random.nextInt(5) == 0) {
                floor.abandoned();
                return;
            }
            while (full && random.nextBoolean()) {
                // Claimed ahead, behind the last number, and settled after the batch before.
                settle(batch);
                batch = behind(last, limit);
                full = batch.size() == limit;
                last = batch.isEmpty() ? last : batch.get(batch.size() - 1);
                claims++;
                somethingHappens();
            }
            settle(batch);
            floor.transactionIdAssigned(nextXid++, afterClaim);
            floor.settled();
            assertThat(floor.safe()).as("seed %d: the safe floor fell", seed).isGreaterThanOrEqualTo(stored);
            stored = floor.safe();
            if (random.nextInt(20) == 0) {
                // Another holder, who knows of nobody that is left out.
                floor = new LaneFloor(stored);
                leftOut.clear();
            }
        }

        private void poll() {
            if (leftOut.retainAll(open.stream().map(t -> t.xid).toList())) {
                floor.lookBack();
            }
        }

        private List<Long> behind(long number, int limit) {
            return visible.tailMap(number, false).keySet().stream().limit(limit).toList();
        }

        private void settle(List<Long> batch) {
            claimed.addAll(batch);
            batch.forEach(visible::remove);
        }

        private void leaveOutOne() {
            if (!open.isEmpty() && random.nextInt(3) == 0) {
                leftOut.add(open.get(random.nextInt(open.size())).xid);
            }
        }

        private void somethingHappens() {
            switch (random.nextInt(4)) {
                case 0 -> draw();
                case 1 -> end(true);
                case 2 -> open.add(new Transaction(nextXid++));
                default -> {}
            }
        }
    }
}
