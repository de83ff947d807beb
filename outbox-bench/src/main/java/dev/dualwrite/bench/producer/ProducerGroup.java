package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.run.Rounds;
import dev.dualwrite.bench.store.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * L1: a domain transaction in a service that has no outbox, and the same with one entry in a service that has one.
 *
 * <p>Both are Boot services with the same pool on the same tables. The relay is off, and NOTIFY is on, as by default. Slices
 * are short, and many: a ratio near one needs more rounds than one of three. No checkpoint falls into them, else the full-page
 * images of the domain's rows would stand on both sides of the ratio and make it look better than it is.
 */
public final class ProducerGroup implements Group {

    /** Twice two cores: while some wait for the disk, others work. More would hide what a round trip costs. Guessed. */
    private static final int WRITERS = 4;

    private static final String PLAIN = "typical, a fifth plain insert";
    private static final Duration SLICE = Duration.ofMillis(1200);
    private static final int ROUNDS_FACTOR = 2;

    @Override
    public String name() {
        return "producer";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        try (Database database = bench.primary().createDatabase("producer")) {
            Shop.createTables(database);
            var place = new Service.Place(
                    bench.primary().server().url(database.name()),
                    bench.primary().server().user(),
                    WRITERS);
            try (Service without = Service.without(place);
                    Service with = Service.withOutbox(place, Map.of());
                    var writers = new Writers(WRITERS)) {
                bench.primary().checkpoint();
                var slices = new Slice.Bench(
                        bench.primary(),
                        new Books(database),
                        writers,
                        bench.extent().time(SLICE));
                var bare = new Shop(without);
                var shop = new Shop(with);
                report(
                        rounds(bench)
                                .measure(List.<Contender>of(
                                        new Slice("L1 typical", bare.typical(), 0, slices),
                                        new Slice(
                                                "typical, one entry",
                                                shop.typical(with.outbox(), "order", 1),
                                                1,
                                                slices),
                                        new Slice(PLAIN, bare.typicalAndPlain(), 0, slices),
                                        new Slice("L1 thin", bare.thin(), 0, slices),
                                        new Slice("thin, one entry", shop.thin(with.outbox(), "order"), 1, slices))),
                        findings);
            }
        }
    }

    /** More than others take, unless everything is done but once. */
    private static Rounds rounds(Bench bench) {
        Extent extent = bench.extent();
        return new Rounds(
                bench.progress(),
                new Extent(
                        extent.rounds() == 1 ? 1 : extent.rounds() * ROUNDS_FACTOR,
                        extent.warmUps() * ROUNDS_FACTOR,
                        extent.divisor()));
    }

    private static void report(Results results, Findings findings) {
        findings.table("Producer", results);
        findings.chart("Producer, transactions a second", results, Metric.TRANSACTIONS_PER_SECOND);
        findings.figure(Figure.atLeast(
                "producer, typical transaction with one entry / L1: throughput",
                0.92,
                results.ratio("typical, one entry", "L1 typical", Metric.TRANSACTIONS_PER_SECOND)));
        findings.figure(Figure.atMost(
                "producer, typical transaction with one entry / L1: database CPU",
                1.12,
                results.ratio("typical, one entry", "L1 typical", Metric.DATABASE_CPU),
                ""));
        findings.figure(Figure.reported(
                "producer, typical transaction with a fifth plain insert / L1: throughput",
                results.ratio(PLAIN, "L1 typical", Metric.TRANSACTIONS_PER_SECOND),
                ""));
        findings.figure(Figure.reported(
                "producer, typical transaction with a fifth plain insert / L1: database CPU",
                results.ratio(PLAIN, "L1 typical", Metric.DATABASE_CPU),
                ""));
        findings.figure(Figure.reported(
                "producer, thin transaction with one entry / L1: throughput",
                results.ratio("thin, one entry", "L1 thin", Metric.TRANSACTIONS_PER_SECOND),
                ""));
        findings.figure(Figure.reported(
                "producer, thin transaction with one entry / L1: database CPU",
                results.ratio("thin, one entry", "L1 thin", Metric.DATABASE_CPU),
                ""));
    }
}
