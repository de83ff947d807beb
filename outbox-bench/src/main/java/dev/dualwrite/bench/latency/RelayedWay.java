package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.pod.Place;
import dev.dualwrite.bench.pod.Pod;
import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Orders.Order;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import java.sql.SQLException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A service that inserts an order and appends its entry in one transaction, and a relay: in the same process, where the commit
 * wakes it, or in another, which is told by NOTIFY.
 */
final class RelayedWay implements Way {

    private final String name;
    private final Stores stores;
    private final Arrivals arrivals;
    private final AutoCloseable relay;
    private final Pod service;
    private final CommitStamp stamp;
    private final Outbox outbox;
    private final JdbcClient sql;
    private final TransactionTemplate transactions;

    /** What the writers use. */
    private record Service(Pod pod, CommitStamp stamp) {}

    private RelayedWay(String name, Stores stores, Arrivals arrivals, AutoCloseable relay, Service service) {
        this.name = name;
        this.stores = stores;
        this.arrivals = arrivals;
        this.relay = relay;
        this.service = service.pod();
        this.stamp = service.stamp();
        this.outbox = this.service.outbox();
        this.sql = this.service.sql();
        this.transactions = this.service.transactions();
    }

    static RelayedWay samePod(Stores stores) throws SQLException {
        var arrivals = new Arrivals();
        var sink = new StampingSink(
                Relays.sink(stores.secondary(), OrderWrites.TABLE),
                (ids, micros) -> ids.forEach(id -> arrivals.visible(id, micros)));
        var stamp = new CommitStamp();
        Pod pod = Pod.relaying(Place.of(stores.primary()), sink, stamp);
        return new RelayedWay("relay, same pod", stores, arrivals, () -> {}, new Service(pod, stamp));
    }

    static RelayedWay otherPod(Stores stores) throws Exception {
        var arrivals = new Arrivals();
        var stamp = new CommitStamp();
        // It takes its time to start, and the service uses it.
        var process = OtherPodProcess.start(Place.of(stores.primary()), Place.of(stores.secondary()));
        Pod pod = Pod.service(Place.of(stores.primary()), stamp);
        process.awaitReady(arrivals);
        return new RelayedWay("relay, other pod", stores, arrivals, process, new Service(pod, stamp));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Arrivals arrivals() {
        return arrivals;
    }

    @Override
    public long write(long number) {
        Order order = Orders.order(number);
        transactions.executeWithoutResult(status -> {
            sql.sql(OrderWrites.INSERT).params(OrderWrites.parameters(order)).update();
            outbox.append(OutboxEntry.upsert(Aggregate.of("order", order.id()), OrderWrites.Payload.of(order)));
        });
        return stamp.last();
    }

    @Override
    public Database primary() {
        return stores.primary();
    }

    @Override
    public Database secondary() {
        return stores.secondary();
    }

    @Override
    public void close() throws Exception {
        relay.close();
        service.close();
        stores.close();
    }
}
