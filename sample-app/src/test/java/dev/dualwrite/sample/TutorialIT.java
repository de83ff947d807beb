package dev.dualwrite.sample;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.sample.OrderClient.Answer;
import dev.dualwrite.sample.Stores.Document;
import dev.dualwrite.sample.order.OrderRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a user is told to try, tried. */
class TutorialIT extends SampleIT {

    private static final Duration PROMISED = Duration.ofSeconds(1);
    private static final int PUTS = 100;
    private static final int CLIENTS = 16;

    @Test
    void savedOrderIsVisibleInTheSecondaryWithinASecond() throws Exception {
        drain();

        keepsThePromise(revision -> {
            Answer saved = client().post(Orders.revision("Ada", revision));

            Duration visible = until(() -> document(saved.id()).size() == 1);

            assertThat(document(saved.id())).isEqualTo(primaryDocument(saved.id()));
            assertThat(document(saved.id()).get(0).customer()).isEqualTo("Ada revision " + revision);
            return visible;
        });
    }

    @Test
    void changedOrderIsVisibleInTheSecondaryWithinASecond() throws Exception {
        Answer saved = client().post(Orders.revision("Berta", 6));
        drain();

        keepsThePromise(time -> {
            Answer changed = client().put(saved.id(), Orders.revision("Berta", 6 + time));

            assertThat(changed.version()).isEqualTo(saved.version() + time);
            Duration visible = until(() -> document(saved.id()).get(0).version() == changed.version());
            assertThat(document(saved.id())).isEqualTo(primaryDocument(saved.id()));
            return visible;
        });
    }

    @Test
    void rolledBackTransactionLeavesNothing() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> failingCheckout.fail(Orders.revision("Carl", 1)))
                .withMessage("the card is declined");

        drain();
        assertThat(stores().primary()
                        .sql("SELECT count(*) FROM orders WHERE customer LIKE 'Carl %'")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(stores().secondary()
                        .sql("SELECT count(*) FROM order_documents WHERE customer LIKE 'Carl %'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void hundredConcurrentPutsOnOneOrderEndWithThePrimarysState() throws Exception {
        Answer saved = client().post(Orders.revision("Dora", 0));
        OrderClient client = client();
        List<Callable<Answer>> puts = new ArrayList<>();
        for (int i = 1; i <= PUTS; i++) {
            int revision = i;
            puts.add(() -> client.put(saved.id(), Orders.revision("Dora", revision)));
        }

        List<Answer> answers = all(puts);

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers)
                .as("each write has a version of its own")
                .extracting(Answer::version)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, PUTS).boxed().toList());
        drain();
        assertThat(document(saved.id())).isEqualTo(primaryDocument(saved.id()));
        assertThat(document(saved.id()).get(0).version()).isEqualTo(PUTS);
    }

    @Test
    void changeOfLinesAloneRaisesTheVersionAndReachesTheSecondary() throws Exception {
        Answer saved = client().post(Orders.revision("Emil", 4));
        OrderRequest other = new OrderRequest(
                Orders.revision("Emil", 4).customer(),
                Orders.revision("Emil", 4).status(),
                Orders.revision("Emil", 5).lines());

        Answer changed = client().put(saved.id(), other);

        assertThat(changed.version()).isEqualTo(saved.version() + 1);
        drain();
        assertThat(document(saved.id())).isEqualTo(primaryDocument(saved.id()));
    }

    @Test
    void deletedOrderLeavesATombstoneAndNoRow() throws Exception {
        Answer saved = client().post(Orders.revision("Frida", 2));
        drain();
        assertThat(document(saved.id())).hasSize(1);

        assertThat(client().delete(saved.id()).status()).isEqualTo(204);

        drain();
        assertThat(document(saved.id())).isEmpty();
        assertThat(stores().secondary()
                        .sql("SELECT count(*) FROM dualwrite_tombstone WHERE key = ?")
                        .param(String.valueOf(saved.id()))
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void sampleDataIsInBothStoresAlike() {
        awaitSampleData();
        drain();

        assertThat(stores().secondaryDocuments()).isEqualTo(stores().primaryDocuments());
    }

    /** One of three may take longer: a machine may stand still for a second. */
    private static void keepsThePromise(Trial trial) throws Exception {
        List<Duration> visible = new ArrayList<>();
        for (int time = 1; time <= 3; time++) {
            visible.add(trial.make(time));
        }
        assertThat(visible).filteredOn(d -> d.compareTo(PROMISED) <= 0).hasSizeGreaterThanOrEqualTo(2);
    }

    /** Makes a change, and tells how long it took until it was visible. */
    @FunctionalInterface
    private interface Trial {
        Duration make(int time) throws Exception;
    }

    private static Duration until(Callable<Boolean> visible) {
        long committed = System.nanoTime();
        await().pollInterval(Duration.ofMillis(10)).atMost(30, SECONDS).until(visible);
        return Duration.ofNanos(System.nanoTime() - committed);
    }

    private void drain() {
        await().atMost(30, SECONDS).until(() -> stores().backlog() == 0);
    }

    private List<Document> document(long id) {
        return stores().secondaryDocuments().stream().filter(d -> d.id() == id).toList();
    }

    private List<Document> primaryDocument(long id) {
        return stores().primaryDocuments().stream().filter(d -> d.id() == id).toList();
    }

    private static List<Answer> all(List<Callable<Answer>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdown();
        }
    }
}
