package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import java.util.Map;

/** The round trips of one kind of transaction, counted. */
final class RoundTrips implements Contender {

    /** Until the driver prepares a statement for good (five by default) it may ask the server more often. */
    private static final int WARM_UP = 20;

    private static final int TRANSACTIONS = 50;

    private final String name;
    private final Shop.Work work;
    private final int entriesEach;
    private final Books books;
    private final CountingProxy proxy;

    RoundTrips(String name, Shop.Work work, int entriesEach, Scene scene) {
        this.name = name;
        this.work = work;
        this.entriesEach = entriesEach;
        this.books = scene.books();
        this.proxy = scene.proxy();
    }

    /** What all kinds share. */
    record Scene(Books books, CountingProxy proxy) {}

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() {
        books.open();
        run(0, WARM_UP);
        long before = proxy.roundTrips();
        run(WARM_UP, WARM_UP + TRANSACTIONS);
        double roundTrips = (double) (proxy.roundTrips() - before) / TRANSACTIONS;
        books.verify(name, WARM_UP + TRANSACTIONS, entriesEach);
        return Map.of(Metric.ROUND_TRIPS, roundTrips);
    }

    private void run(int from, int to) {
        for (int number = from; number < to; number++) {
            work.run(number);
        }
    }
}
