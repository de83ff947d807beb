package dev.dualwrite.bench.capture;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Usage;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** TPC-B-like transactions of eight clients for a while, each client on a connection of its own. */
final class TellerSlice implements Contender {

    private static final int CLIENTS = 8;

    private final String name;
    private final Tellers tellers;
    private final Duration time;
    private final int entriesEach;

    TellerSlice(String name, Tellers tellers, Duration time, int entriesEach) {
        this.name = name;
        this.tellers = tellers;
        this.time = time;
        this.entriesEach = entriesEach;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        tellers.open();
        Usage before = tellers.database().cluster().usage();
        long begin = System.nanoTime();
        long[] nanos = run();
        double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
        Usage used = tellers.database().cluster().usage().since(before);
        verify(nanos.length);
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.TRANSACTIONS_PER_SECOND, nanos.length / seconds);
        values.put(Metric.P50_MS, millis(nanos, 0.5));
        values.put(Metric.P99_MS, millis(nanos, 0.99));
        values.put(Metric.DATABASE_CPU, used.cpuNanos() / TimeUnit.MICROSECONDS.toNanos(1) / nanos.length);
        values.put(Metric.WAL_BYTES, (double) used.walBytes() / nanos.length);
        return values;
    }

    /** How long each transaction took, sorted. */
    private long[] run() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
        try {
            long end = System.nanoTime() + time.toNanos();
            List<Callable<List<Long>>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var random = new SplittableRandom(i);
                clients.add(() -> client(end, random));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> client : executor.invokeAll(clients)) {
                all.addAll(client.get());
            }
            return all.stream().mapToLong(Long::longValue).sorted().toArray();
        } finally {
            executor.shutdownNow();
        }
    }

    private List<Long> client(long end, SplittableRandom random) throws Exception {
        var took = new ArrayList<Long>();
        try (Connection connection = tellers.database().pool().getConnection()) {
            connection.setAutoCommit(false);
            do {
                long begin = System.nanoTime();
                tellers.transaction(connection, random);
                took.add(System.nanoTime() - begin);
            } while (System.nanoTime() < end);
            connection.setAutoCommit(true);
        }
        return took;
    }

    private void verify(int transactions) {
        long entries = tellers.entries();
        if (entries != (long) transactions * entriesEach) {
            throw new IllegalStateException(name + ": " + transactions + " transactions wrote " + entries
                    + " entries, expected " + (long) transactions * entriesEach);
        }
    }

    private static double millis(long[] sorted, double share) {
        return sorted[(int) (share * (sorted.length - 1))] / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
