package dev.dualwrite.outbox.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Real parameters for each statement, of the types that the stores set, fitting to the rows of {@link FilledOutbox}. */
final class StatementParameters {

    private static final short SINK = FilledOutbox.SINK;
    private static final int SHARD = FilledOutbox.SHARD;
    private static final UUID HOLDER = FilledOutbox.HOLDER;
    private static final String HOLDER_NAME = HOLDER.toString();
    private static final long TOKEN = FilledOutbox.TOKEN;
    private static final int ENTRIES = 100;
    private static final long BYTES = 1_000_000;
    private static final Short[] SINKS = {SINK, SINK};
    private static final Short[] SHARDS = {SHARD, SHARD + 1};
    private static final String[] LOCKS = {"copy/" + SHARD, "copy/" + (SHARD + 1)};

    private final Map<String, Object[]> byName = new HashMap<>();

    StatementParameters() {
        append();
        claimAndSettle();
        hold();
        lanes();
        members();
        put("LIMIT_IDLENESS", "10000");
        put("LIMIT_IDLENESS_AND_LOCK_WAITS", "10000", "5000");
        put("selectControl");
        put("storeStuckAfter", 60_000L, 60_000L);
        put("registerSink", "copy");
        put("poll");
        put("observePrimary", 0, 1L);
        put("pausedSinks", (Object) SINKS);
        put("assignTransactionId");
        put("strayPartitions");
        put("followPartition", 1L, 1, "attached", 1L);
        put("uncapturedTables");
        put("drawVersions", ENTRIES);
        put("capturedTables", "order");
    }

    Map<String, Object[]> byName() {
        return byName;
    }

    private void append() {
        put("insertEntry", SINK, (short) SHARD, (short) 1, "U", "order", "3", "", "", "{}".getBytes(UTF_8));
        put(
                "insertEntries",
                SINKS,
                SHARDS,
                new Short[] {1, 1},
                new String[] {"U", "D"},
                new String[] {"order", "order"},
                new String[] {"3", "4"},
                new String[] {"", ""},
                new String[] {"", ""},
                new byte[][] {"{}".getBytes(UTF_8), null});
        put("lockAggregates", (Object) new String[] {"order/3", "order/4"});
    }

    private void claimAndSettle() {
        put("claim", SINKS, SHARDS, new Long[] {0L, 100_000L}, new Boolean[] {true, false}, ENTRIES, BYTES);
        put("settle", SINK, SHARD, TOKEN, HOLDER, SINK, SHARD, new Long[] {3L, 19L});
        put(
                "settleAndHold",
                SINK,
                SHARD,
                TOKEN,
                HOLDER,
                SINK,
                SHARD,
                new Long[] {3L, 19L},
                SINK,
                SHARD,
                new Long[] {35L},
                false,
                new Long[] {35L},
                new String[] {"backing_off"},
                new Integer[] {1},
                new Long[] {1000L},
                new String[] {"java.lang.IllegalStateException"},
                new String[] {"seen"});
    }

    private void hold() {
        put(
                "promoteHeads",
                new String[] {"order", "order"},
                new String[] {"3", "19"},
                SINK,
                SHARD,
                SINK,
                SHARD,
                true,
                SINK,
                SHARD);
        put("promoteAllHeads", SINK, SHARD, SINK, SHARD, true, SINK, SHARD, SINK, SHARD, TOKEN, HOLDER);
        put("heldLanes", SINKS, SHARDS);
        put("heldAggregates", SINK, SHARD, ENTRIES);
        put("dueEntries", SINK, SHARD, 20, SINK, SHARD, SINK, SHARD, 20, SINK, SHARD, BYTES, ENTRIES);
        Long[] done = {FilledOutbox.heldVersion(SHARD, 0)};
        put(
                "settleHeld",
                SINK,
                SHARD,
                TOKEN,
                HOLDER,
                true,
                done,
                new Long[] {FilledOutbox.heldVersion(SHARD, 1)},
                new String[] {"dead"},
                new Integer[] {2},
                new Long[] {0L},
                new String[] {"java.lang.IllegalStateException"},
                new String[] {"seen"},
                done,
                done);
        put("beginAttempt", done[0], SINK, SHARD, TOKEN, HOLDER);
        put("endAttempt", SINK, SHARD, TOKEN, HOLDER, done[0]);
    }

    private void lanes() {
        put("storeFloors", SINKS, SHARDS, new Long[] {TOKEN, TOKEN}, new Long[] {10L, 10L}, HOLDER);
        put("takeLane", LOCKS[0], HOLDER_NAME, HOLDER, SINK, SHARD);
        put("renewLeases", LOCKS, HOLDER_NAME, 30_000L);
        put("releaseLeases", LOCKS, HOLDER_NAME, HOLDER);
        put("leave", LOCKS, HOLDER_NAME, HOLDER, HOLDER);
        put("settledOnce", SINK, SHARD, TOKEN, HOLDER);
        put("purgeAudit", 400L * 86_400, 1000);
        put("purgeDiscarded", 90L * 86_400, 1000);
    }

    private void members() {
        put("look", 1000, SINKS, 1000);
        put("beat", HOLDER, HOLDER, "host", 30_000L, 16, new Short[] {SINK}, new String[] {null}, new Long[] {null});
    }

    private void put(String name, Object... parameters) {
        byName.put(name, parameters);
    }
}
