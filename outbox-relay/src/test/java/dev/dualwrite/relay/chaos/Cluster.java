package dev.dualwrite.relay.chaos;

import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** Everything that a run needs, started together and ended together. Confined to the thread of the run. */
final class Cluster implements AutoCloseable {

    static final int PODS = 3;

    final Pace pace = new Pace();
    final Random random;
    final Primary primary;
    final Secondary secondary;
    final Ledger ledger;
    final Writers writers;
    final List<Pod> pods = new ArrayList<>();
    final PodSettings podSettings;

    private final Path directory;
    private final Path orders;
    private final Path logs;
    private final List<AutoCloseable> closing = new ArrayList<>();

    /** How a run begins. */
    record Start(long seed, int transactionsPerSecond, boolean records) {}

    Cluster(Start start) throws IOException, SQLException {
        silence("com.zaxxer.hikari", "io.zonky.test", "dev.dualwrite.postgres");
        random = new Random(start.seed());
        directory = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "chaos-");
        logs = Files.createDirectories(Path.of("target", "chaos-logs"));
        orders = directory.resolve("orders");
        closing.add(this::deleteDirectory);
        try {
            give(UnreliableSink.Order.NONE);
            primary = closedAtEnd(new Primary(directory));
            secondary = closedAtEnd(new Secondary(directory));
            closing.add(pace);
            primary.store().run(Ledger.TABLES);
            HikariDataSource pool = pool();
            ledger = new Ledger(new ControlStore(pool, "dualwrite")
                    .registerSinks(List.of(ChaosPod.SINK))
                    .get(ChaosPod.SINK));
            writers = closedAtEnd(new Writers(pool, ledger, pace, start.transactionsPerSecond()));
            podSettings = new PodSettings(
                    primary.store().url(),
                    secondary.store().url(),
                    orders.toAbsolutePath().toString(),
                    Primary.SHARDS,
                    0,
                    start.records());
            for (int i = 0; i < PODS; i++) {
                pods.add(closedAtEnd(newPod(podSettings)));
            }
        } catch (IOException | SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Another pod beside the three; the caller closes it. */
    Pod newPod(PodSettings settings) throws IOException {
        return new Pod(settings, logs.resolve("pod-" + pods.size() + ".log"));
    }

    Pod anyPod() {
        return pods.get(random.nextInt(pods.size()));
    }

    /** As a supervisor does. */
    void startDeadPods() throws IOException {
        for (Pod pod : pods) {
            pod.startIfDead();
        }
    }

    /** What every pod is doing, into its log. */
    void dumpThreads() throws IOException, InterruptedException {
        for (Pod pod : pods) {
            pod.signal("QUIT");
        }
        pace.pause(1000);
    }

    /** Tells the sink of every pod what to do from its next call on. */
    void give(UnreliableSink.Order order) throws IOException {
        Path draft = directory.resolve("orders.new");
        Files.writeString(draft, order.name());
        Files.move(draft, orders, StandardCopyOption.ATOMIC_MOVE);
    }

    /** By way of the proxy, with an open transaction, as a service has it. */
    Connection beginAtPrimary() throws SQLException {
        return writers.begin();
    }

    private HikariDataSource pool() {
        var config = new HikariConfig();
        config.setPoolName("writers");
        config.setJdbcUrl(primary.store().url() + "?socketTimeout=5&connectTimeout=2&logServerErrorDetail=false");
        config.setUsername(primary.store().server().user());
        config.setPassword(primary.store().server().password());
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setMaximumPoolSize(5);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(1000);
        config.setValidationTimeout(500);
        return new HikariDataSource(config);
    }

    /** Sessions of a killed server may still be on their way out, and write. */
    private void deleteDirectory() {
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            FileSystemUtils.deleteRecursively(directory);
            return Files.notExists(directory);
        });
    }

    /** Servers that die and connections that break are the subject here, not news. */
    private static void silence(String... loggers) {
        for (String logger : loggers) {
            ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(logger)).setLevel(Level.OFF);
        }
    }

    private <T extends AutoCloseable> T closedAtEnd(T part) {
        closing.add(part);
        return part;
    }

    @Override
    public void close() {
        var failures = new ArrayList<Exception>();
        for (int i = closing.size() - 1; i >= 0; i--) {
            try {
                closing.get(i).close();
            } catch (Exception e) {
                // The others must end all the same: a server that is left running outlives the test.
                failures.add(e);
            }
        }
        closing.clear();
        if (!failures.isEmpty()) {
            var failure = new IllegalStateException("the cluster did not end cleanly: " + failures);
            failures.forEach(failure::addSuppressed);
            throw failure;
        }
    }
}
