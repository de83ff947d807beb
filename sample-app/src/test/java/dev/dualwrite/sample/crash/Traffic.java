package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.sample.OrderClient;
import dev.dualwrite.sample.OrderClient.Answer;
import dev.dualwrite.sample.Orders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that create, change and delete orders until the service no longer answers, and remember what they were told.
 * Each client has orders of its own, so for each order there is one last acknowledged state, and at most one write whose
 * outcome nobody knows.
 */
final class Traffic {

    private static final int CLIENTS = 4;
    private static final long LIMIT_SECONDS = 60;

    private final String name;
    private final OrderClient client;
    private final long seed;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Tracked> orders = new CopyOnWriteArrayList<>();
    private final List<String> surprises = new CopyOnWriteArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();

    Traffic(String name, OrderClient client, long seed) {
        this.name = name;
        this.client = client;
        this.seed = seed;
    }

    /** One state of an order: a revision, or {@link #ABSENT}. */
    static final int ABSENT = -1;

    /**
     * What is known of one order.
     *
     * <p>Written by one client thread, read after it has ended.
     */
    static final class Tracked {
        final String customer;
        long id;
        int acknowledged = ABSENT;
        long acknowledgedVersion = -1;
        /** The write that was sent last and not acknowledged. */
        int pending = ABSENT;

        boolean isPending;

        Tracked(String customer) {
            this.customer = customer;
        }
    }

    Traffic start() {
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            Thread thread = new Thread(() -> write(number), name + "-client-" + i);
            threads.add(thread);
            thread.start();
        }
        return this;
    }

    /** How many writes were acknowledged so far. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Stops the clients, each after the write under way. */
    void stop() throws InterruptedException {
        stopped.set(true);
        awaitEnd();
    }

    /** Waits until no client gets an answer any more. */
    void awaitEnd() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            assertThat(thread.isAlive())
                    .as("%s still gets answers after %d s", thread.getName(), LIMIT_SECONDS)
                    .isFalse();
        }
        assertThat(surprises).as("answers that no client expects").isEmpty();
    }

    /** By the name of their customer. */
    Map<String, Tracked> orders() {
        Map<String, Tracked> byCustomer = new HashMap<>();
        orders.forEach(order -> byCustomer.put(order.customer, order));
        return byCustomer;
    }

    private void write(int number) {
        SplittableRandom random = new SplittableRandom(seed + number);
        List<Tracked> alive = new ArrayList<>();
        try {
            for (int n = 0; !stopped.get(); n++) {
                int dice = random.nextInt(100);
                if (alive.isEmpty() || dice < 35) {
                    Tracked order = new Tracked(name + " " + number + "." + n);
                    orders.add(order);
                    create(order);
                    alive.add(order);
                } else if (dice < 85) {
                    change(alive.get(random.nextInt(alive.size())));
                } else {
                    delete(alive.remove(random.nextInt(alive.size())));
                }
            }
        } catch (IOException e) {
            // No answer: the service is gone, and with it the outcome of this write.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void create(Tracked order) throws IOException, InterruptedException {
        send(order, 0);
        Answer answer = client.post(Orders.revision(order.customer, 0));
        expect(201, answer);
        order.id = answer.id();
        acknowledge(order, answer.version());
    }

    private void change(Tracked order) throws IOException, InterruptedException {
        send(order, order.acknowledged + 1);
        Answer answer = client.put(order.id, Orders.revision(order.customer, order.pending));
        expect(200, answer);
        acknowledge(order, answer.version());
    }

    private void delete(Tracked order) throws IOException, InterruptedException {
        send(order, ABSENT);
        expect(204, client.delete(order.id));
        acknowledge(order, -1);
    }

    private static void send(Tracked order, int state) {
        order.pending = state;
        order.isPending = true;
    }

    private void acknowledge(Tracked order, long version) {
        order.acknowledged = order.pending;
        order.acknowledgedVersion = version;
        order.isPending = false;
        acknowledged.incrementAndGet();
    }

    private void expect(int status, Answer answer) throws IOException {
        if (answer.status() >= 500) {
            // A service that is going down may say so; the outcome is unknown all the same.
            throw new IOException("answer " + answer.status());
        }
        if (answer.status() != status) {
            surprises.add("expected " + status + ", got " + answer);
            throw new IOException("answer " + answer.status());
        }
    }
}
