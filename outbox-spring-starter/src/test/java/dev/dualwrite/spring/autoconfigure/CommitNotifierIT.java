package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What relays in other processes hear of commits, from whom, how often, and what it costs the service. */
class CommitNotifierIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final Sql sql = new Sql(TestDatabases.create());
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.dualwrite.spring.notify");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Notifications heard;

    @BeforeEach
    void listen() throws SQLException {
        heard = new Notifications(sql.database(), "dualwrite_dualwrite");
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void hangUp() throws SQLException {
        logger.detachAppender(log);
        logger.setLevel(null);
        heard.close();
    }

    @Test
    void commitIsNotifiedAtOnceAndOnce() {
        service().run(context -> {
            commit(context, "1");

            heard.awaitSome(1);
            heard.awaitSilence();
            assertThat(heard.senders()).hasSize(1);
        });
    }

    @Test
    void burstOfCommitsIsNotifiedAtMostOnceInTenMilliseconds() {
        service().run(context -> {
            long begin = System.nanoTime();
            IntStream.range(0, 1000).parallel().forEach(i -> commit(context, "burst-" + i));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);

            heard.awaitSilence();
            // One more at the end of the last pause, and the first one at once.
            assertThat(heard.senders()).hasSizeBetween(2, (int) (millis / 10) + 2);
        });
    }

    @Test
    void commitsDuringAPauseLeadToExactlyOneMore() throws Exception {
        Duration pause = Duration.ofMillis(500);
        var times =
                new CommitNotifier.Times(pause, Duration.ofMinutes(1), Duration.ofMillis(50), Duration.ofSeconds(1));
        Duration took = pause;
        int before = 0;
        // On a machine that stood still some came after the pause, and there may have been two.
        for (int time = 0; time < 5 && took.compareTo(pause) >= 0; time++) {
            before = heard.senders().size();
            try (CommitNotifier notifier = notifier(times)) {
                long begin = System.nanoTime();
                notifier.committed(1);
                heard.awaitSome(before + 1);

                IntStream.range(0, 100).forEach(i -> notifier.committed(1));

                took = Duration.ofNanos(System.nanoTime() - begin);
                heard.awaitSome(before + 2);
                // More than a pause.
                heard.awaitSilence();
            }
        }
        assertThat(took).isLessThan(pause);
        assertThat(heard.senders()).hasSize(before + 2);
    }

    @Test
    void notifyIsNeverSentByASessionOfABusinessTransaction() {
        service().run(context -> {
            Set<Integer> business = ConcurrentHashMap.newKeySet();
            IntStream.range(0, 50)
                    .forEach(i -> transactions(context).executeWithoutResult(status -> {
                        append(context, "own-" + i);
                        business.add(context.getBean(JdbcTemplate.class)
                                .queryForObject("SELECT pg_backend_pid()", Integer.class));
                    }));

            heard.awaitSome(1);
            heard.awaitSilence();
            assertThat(heard.senders()).doesNotContainAnyElementsOf(business);
        });
    }

    @Test
    void rollbackIsNotNotified() {
        service().run(context -> {
            transactions(context).executeWithoutResult(status -> {
                append(context, "undone");
                status.setRollbackOnly();
            });

            heard.awaitSilence();
            assertThat(heard.senders()).isEmpty();
        });
    }

    @Test
    void killedConnectionIsReplaced() {
        service().run(context -> {
            commit(context, "1");
            heard.awaitSome(1);

            sql.query("SELECT pg_terminate_backend(" + heard.senders().get(0) + ")");
            commit(context, "2");

            heard.awaitSome(2);
        });
    }

    @Test
    void failingNotifyDisturbsNoCommitAndIsLoggedOnceUntilItWorksAgain() throws SQLException {
        sql.execute("CREATE ROLE notify_it LOGIN SUPERUSER");
        service()
                .withPropertyValues("spring.datasource.username=notify_it", "spring.datasource.hikari.minimum-idle=4")
                .run(context -> {
                    // The service keeps its connections; new ones are refused.
                    JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
                    await().atMost(SOON).until(() -> sessions("notify_it") == 4);
                    sql.execute("ALTER ROLE notify_it NOLOGIN");
                    IntStream.range(0, 20).forEach(i -> commit(context, "refused-" + i));
                    await().atMost(SOON).until(() -> !log.list.isEmpty());
                    commit(context, "refused");
                    heard.awaitSilence();
                    assertThat(messages()).singleElement().asString().startsWith("outbox_notify_failed");
                    assertThat(log.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
                    assertThat(jdbc.queryForObject("SELECT count(*) FROM dualwrite.outbox_entry", Integer.class))
                            .isEqualTo(21);

                    sql.execute("ALTER ROLE notify_it LOGIN");

                    heard.awaitSome(1);
                    await().atMost(SOON)
                            .untilAsserted(() -> assertThat(messages()).last().isEqualTo("outbox_notify_works_again"));
                });
    }

    @Test
    void serviceWhoseConnectionsCannotBeOpenedAnewSendsNone() {
        DataSource unknown = sql.database().dataSource();
        Starter.withoutDataSource()
                .withPropertyValues("dualwrite.outbox.sinks=copy")
                .withBean("dataSource", DataSource.class, () -> unknown)
                .run(context -> {
                    commit(context, "1");
                    commit(context, "2");

                    await().atMost(SOON).until(() -> !log.list.isEmpty());
                    heard.awaitSilence();
                    assertThat(heard.senders()).isEmpty();
                    assertThat(messages()).singleElement().asString().startsWith("outbox_notify_off");
                });
    }

    @Test
    void nobodyIsNotifiedWhileTheRelayOfThisProcessHoldsEveryLane() {
        var nearby = new AtomicInteger(1);
        service().withBean(NearbyRelay.class, () -> () -> nearby.get() == 1).run(context -> {
            commit(context, "1");
            heard.awaitSilence();
            assertThat(heard.senders()).isEmpty();

            nearby.set(0);
            commit(context, "2");

            heard.awaitSome(1);
        });
    }

    @Test
    void threadStartsWithTheFirstCommitAndEndsWithTheContext() {
        service().run(context -> {
            assertThat(threads()).isEmpty();
            commit(context, "1");
            heard.awaitSome(1);
            assertThat(threads()).hasSize(1);
        });

        await().atMost(SOON).untilAsserted(() -> assertThat(threads()).isEmpty());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(threads("dualwrite-notify")).isEmpty());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(sessions("postgres")).isEqualTo(1));
    }

    @Test
    void switchedOffThereIsNeitherThreadNorNotify() {
        service().withPropertyValues("dualwrite.relay.notify=false").run(context -> {
            commit(context, "1");

            heard.awaitSilence();
            assertThat(heard.senders()).isEmpty();
            assertThat(threads()).isEmpty();
        });
    }

    @Test
    void valueThatIsNeitherTrueNorFalseStopsTheStart() {
        service()
                .withPropertyValues("dualwrite.relay.notify=sometimes")
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void idleConnectionIsClosedAndOpenedAgain() throws Exception {
        var times = new CommitNotifier.Times(
                Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofMillis(50), Duration.ofSeconds(1));
        try (CommitNotifier notifier = notifier(times)) {
            notifier.committed(1);
            heard.awaitSome(1);

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(sessions("postgres")).isEqualTo(1));
            notifier.committed(1);

            heard.awaitSome(2);
            assertThat(heard.senders()).doesNotHaveDuplicates();
        }
    }

    @Test
    void closeDoesNotWaitForADatabaseThatDoesNotAnswer() throws Exception {
        var connecting = new CountDownLatch(1);
        var notifier = new CommitNotifier(
                new WakeUpChannel("dualwrite"),
                () -> {
                    connecting.countDown();
                    awaitInterrupt();
                    throw new IllegalStateException("interrupted");
                },
                () -> false,
                CommitNotifier.TIMES);
        notifier.committed(1);
        assertThat(connecting.await(20, TimeUnit.SECONDS)).isTrue();

        notifier.close();

        await().atMost(SOON).untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    @Test
    void closeLetsThePoolThatIsJustClosedEndInPeace() throws Exception {
        var times = new CommitNotifier.Times(
                Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofSeconds(1));
        var closings = new PoolClosings();
        try (closings;
                CommitNotifier notifier = notifier(times)) {
            notifier.committed(1);
            closings.awaitFirst();

            // While the thread stands in the closing of its pool.
            notifier.close();
        }

        assertThat(closings.warnings()).isEmpty();
        await().atMost(SOON).untilAsserted(() -> assertThat(threads()).isEmpty());
        assertThat(threads("notify-it")).isEmpty();
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CommitNotifier notifier(CommitNotifier.Times times) {
        var place = new OwnConnections.Place(
                sql.database().url(), sql.database().user(), sql.database().password());
        var use = new OwnConnections.Use("notify-it", 1, Duration.ofSeconds(5), false);
        return new CommitNotifier(
                new WakeUpChannel("dualwrite"), () -> Optional.of(OwnConnections.at(place, use)), () -> false, times);
    }

    private ApplicationContextRunner service() {
        return Starter.at(sql).withPropertyValues("dualwrite.outbox.sinks=copy");
    }

    private static TransactionTemplate transactions(ApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private static void commit(ApplicationContext context, String id) {
        transactions(context).executeWithoutResult(status -> append(context, id));
    }

    private static void append(ApplicationContext context, String id) {
        context.getBean(Outbox.class).append(OutboxEntry.upsert(Aggregate.of("order", id), "payload"));
    }

    /** Of that user in this database, but for the one that asks. */
    private int sessions(String user) throws SQLException {
        return Integer.parseInt(sql.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND usename = '" + user + "' AND pid <> pg_backend_pid()")
                .get(0));
    }

    private List<String> messages() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static List<String> threads() {
        return threads("outbox-notify");
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }
}
