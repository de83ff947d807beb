package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random acts of people and of relays, on the database and on a naive model of it, compared after each step. */
class OperatorPropertyIT {

    private static final int STEPS = 400;

    private final long seed = Long.getLong("dualwrite.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Map<String, NavigableMap<Long, String>> model = new TreeMap<>();
    private final List<String> history = new ArrayList<>();
    private OperatorScene scene;
    private long lastId;

    @Test
    void firstHeldEntryOfAnAggregateIsTriedOrDeadAndTheOthersWaitWhateverIsDone() throws SQLException {
        scene = new OperatorScene("dualwrite");

        for (int step = 0; step < STEPS; step++) {
            act();
            String told = "-Ddualwrite.seed=%d after %s".formatted(seed, history);
            assertThat(scene.disorder()).as(told).isEmpty();
            assertThat(scene.rows("SELECT aggregate_id || ' ' || version || ' ' || state FROM $.held_entry"))
                    .as(told)
                    .containsExactlyInAnyOrderElementsOf(expected());
        }
    }

    private void act() throws SQLException {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> hold(String.valueOf((char) ('a' + random.nextInt(4))));
            case 3 -> firstDies();
            case 4 -> newestIsTriedBehindADeadFirst();
            case 5 -> requeue();
            case 6 -> discard();
            default -> {
                if (random.nextInt(4) == 0) {
                    requeueAll();
                }
            }
        }
    }

    private void hold(String aggregate) throws SQLException {
        NavigableMap<Long, String> held = model.computeIfAbsent(aggregate, a -> new TreeMap<>());
        String state = held.isEmpty() ? (random.nextBoolean() ? "dead" : "backing_off") : "blocked";
        held.put(++lastId, state);
        history.add(state + " " + aggregate + lastId);
        scene.held(lastId, aggregate, state);
    }

    private void firstDies() throws SQLException {
        for (NavigableMap<Long, String> held : model.values()) {
            if (!held.isEmpty() && held.firstEntry().getValue().equals("backing_off") && random.nextBoolean()) {
                set(held, held.firstKey(), "dead");
            }
        }
    }

    private void newestIsTriedBehindADeadFirst() throws SQLException {
        for (NavigableMap<Long, String> held : model.values()) {
            if (held.size() > 1 && held.firstEntry().getValue().equals("dead") && random.nextBoolean()) {
                set(held, held.lastKey(), random.nextBoolean() ? "backing_off" : "dead");
            }
        }
    }

    /** As a relay does it. */
    private void set(NavigableMap<Long, String> held, long id, String state) throws SQLException {
        held.put(id, state);
        history.add(state + " " + id);
        scene.run("UPDATE $.held_entry SET state = '" + state + "', error_message = 'x', next_attempt_at = "
                + (state.equals("backing_off") ? "now()" : "NULL") + " WHERE version = " + id);
    }

    private void requeue() throws SQLException {
        long id = anyId();
        NavigableMap<Long, String> held = aggregateOf(id);
        String call = "SELECT $.requeue(" + id + ", 'x')";
        history.add(call);
        if ("dead".equals(held.get(id)) && held.firstKey() == id) {
            scene.run(call);
            held.put(id, "backing_off");
            othersWait(held);
        } else {
            refused(call);
        }
    }

    private void requeueAll() throws SQLException {
        history.add("requeue_all");
        scene.run("SELECT $.requeue_all('copy', 'x')");
        for (NavigableMap<Long, String> held : model.values()) {
            if (!held.isEmpty() && held.firstEntry().getValue().equals("dead")) {
                held.put(held.firstKey(), "backing_off");
                othersWait(held);
            }
        }
    }

    private void discard() throws SQLException {
        long id = anyId();
        NavigableMap<Long, String> held = aggregateOf(id);
        String call = "SELECT $.discard(" + id + ", 'x')";
        history.add(call);
        if (!"dead".equals(held.get(id))) {
            refused(call);
            return;
        }
        scene.run(call);
        held.remove(id);
        if (!held.isEmpty() && !held.firstEntry().getValue().equals("dead")) {
            held.put(held.firstKey(), "backing_off");
            othersWait(held);
        }
    }

    private void refused(String call) {
        assertThatThrownBy(() -> scene.run(call))
                .as("-Ddualwrite.seed=%d after %s", seed, history)
                .isInstanceOf(SQLException.class);
    }

    private static void othersWait(NavigableMap<Long, String> held) {
        held.tailMap(held.firstKey(), false).replaceAll((id, state) -> "blocked");
    }

    /** A dead one half of the time; else one that was held at some time, or one more. */
    private long anyId() {
        List<Long> dead = model.values().stream()
                .flatMap(held -> held.entrySet().stream())
                .filter(entry -> entry.getValue().equals("dead"))
                .map(Map.Entry::getKey)
                .toList();
        if (!dead.isEmpty() && random.nextBoolean()) {
            return dead.get(random.nextInt(dead.size()));
        }
        return Math.max(1, lastId + 1 - random.nextInt(20));
    }

    private NavigableMap<Long, String> aggregateOf(long id) {
        return model.values().stream()
                .filter(held -> held.containsKey(id))
                .findFirst()
                .orElseGet(TreeMap::new);
    }

    private List<String> expected() {
        var expected = new ArrayList<String>();
        model.forEach(
                (aggregate, held) -> held.forEach((id, state) -> expected.add(aggregate + " " + id + " " + state)));
        return expected;
    }
}
