package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.run.Rounds;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.outbox.Outbox;
import java.util.List;
import java.util.Map;

/**
 * How often a transaction with entries waits for the server more than the same one without. Counted on the wire, not timed: so
 * one round does. NOTIFY is off, since it has a session of its own that no transaction waits for.
 */
public final class RoundTripsGroup implements Group {

    private static final int MANY = 50;
    private static final String LOCKED = "locked";

    private static final String BARE = "no entry";
    private static final String ONE = "1 entry";
    private static final String FIFTY = MANY + " entries";
    private static final String ONE_LOCKED = "1 entry, ordering = lock";
    private static final String FIFTY_LOCKED = MANY + " entries, ordering = lock";

    @Override
    public String name() {
        return "roundtrips";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        try (Database database = bench.primary().createDatabase("roundtrips");
                var proxy = new CountingProxy(bench.primary().server().port())) {
            Shop.createTables(database);
            var place = new Service.Place(
                    proxy.url(database.name()), bench.primary().server().user(), 1);
            try (Service service = Service.withOutbox(
                    place,
                    Map.of(
                            "dualwrite.relay.notify",
                            "false",
                            "dualwrite.aggregates." + LOCKED + ".ordering",
                            "lock"))) {
                report(kinds(service, new RoundTrips.Scene(new Books(database), proxy)), bench, findings);
            }
        }
    }

    private static List<RoundTrips> kinds(Service service, RoundTrips.Scene scene) {
        var shop = new Shop(service);
        Outbox outbox = service.outbox();
        return List.of(
                new RoundTrips(BARE, shop.typical(), 0, scene),
                new RoundTrips(ONE, shop.typical(outbox, "order", 1), 1, scene),
                new RoundTrips(FIFTY, shop.typical(outbox, "order", MANY), MANY, scene),
                new RoundTrips(ONE_LOCKED, shop.typical(outbox, LOCKED, 1), 1, scene),
                new RoundTrips(FIFTY_LOCKED, shop.typical(outbox, LOCKED, MANY), MANY, scene));
    }

    private static void report(List<RoundTrips> kinds, Bench bench, Findings findings) throws Exception {
        Results results = new Rounds(bench.progress(), new Extent(1, 0, 1)).measure(kinds);
        findings.table("Round trips of a transaction", results);
        double bare = results.median(BARE, Metric.ROUND_TRIPS);
        for (String kind : List.of(ONE, FIFTY, ONE_LOCKED, FIFTY_LOCKED)) {
            findings.figure(Figure.atMost(
                    "extra round trips of a transaction with " + kind,
                    kind.equals(ONE) || kind.equals(FIFTY) ? 1 : 2,
                    results.median(kind, Metric.ROUND_TRIPS) - bare,
                    ""));
        }
    }
}
