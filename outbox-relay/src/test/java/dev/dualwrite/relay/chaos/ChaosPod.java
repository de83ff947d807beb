package dev.dualwrite.relay.chaos;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.sink.jdbc.JdbcSinkFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import net.javacrumbs.shedlock.core.ClockProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The main class of a pod: a relay with short times and a sink that can be told to fail. */
final class ChaosPod {

    static final String SINK = "copy";
    static final Duration LEASE = Duration.ofSeconds(3);

    /** How long a pod waits for what: so short that a fault is over before the next. */
    private static final Times SHORT = new Times(LEASE, Duration.ofSeconds(1), Duration.ofSeconds(3));

    /**
     * Where nobody dies and each call is counted: a lane that waits for the end of its lease is seen, and no call is made twice
     * because the machine stood still.
     */
    private static final Times LONG = new Times(Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(30));

    /** @param answer how long its pools wait for an answer, and somewhat less for a connection */
    private record Times(Duration lease, Duration sinkTimeout, Duration answer) {

        static Times of(PodSettings settings) {
            return settings.records() ? LONG : SHORT;
        }
    }

    private ChaosPod() {}

    /** Runs until SIGTERM, or until the process that started it is gone. */
    public static void main(String[] args) {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
        var settings = PodSettings.parse(args);
        ClockProvider.setClock(Clock.offset(Clock.systemUTC(), Duration.ofHours(settings.clockHoursOff())));
        daemon("parent-watch", ChaosPod::endWithParent);

        HikariDataSource primary =
                pool("primary", settings.primary(), 8, Times.of(settings).answer());
        var control = new ControlStore(primary, "dualwrite");
        int shards = control.read().orElseThrow().shardCount();
        if (shards != settings.shards()) {
            System.err.println("shard count is " + settings.shards() + ", the database says " + shards);
            Runtime.getRuntime().halt(PodSettings.REFUSED);
        }
        Relay relay = relay(primary, control, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(relay), "pod-stop"));
        relay.start();
        daemon("health", () -> endWhenBroken(relay));
    }

    private static Relay relay(HikariDataSource primary, ControlStore control, PodSettings settings) {
        Times times = Times.of(settings);
        var jdbc = new JdbcSinkFactory(times.sinkTimeout(), 2, CrashProbe.NONE)
                .create(SINK, sinkSettings(settings, times));
        var sink = new UnreliableSink(
                jdbc,
                Path.of(settings.orders()),
                settings.records() ? pool("record", settings.secondary(), 2, times.answer()) : null);
        // Nothing may become dead by chaos alone.
        var retry = new RetryPolicy(
                1_000_000, new Backoff(Duration.ofMillis(50), Duration.ofMillis(500)), Duration.ofHours(1));
        short sinkId = control.registerSinks(List.of(SINK)).get(SINK);
        return new Relay(
                primary,
                "dualwrite",
                new RelayConfig(
                        new ClaimConfig(50, 1_000_000, Duration.ofMillis(100), 2),
                        times.lease(),
                        Duration.ofSeconds(5)),
                List.of(new ConfiguredSink(SINK, sinkId, sink, retry, times.sinkTimeout())),
                CrashProbe.NONE);
    }

    /** As a pod is configured in YAML: with the pool that comes with the sink. */
    private static SinkSettings sinkSettings(PodSettings settings, Times times) {
        return new SinkSettings(
                "jdbc",
                settings.secondary(),
                "postgres",
                "postgres",
                SINK,
                List.of("key"),
                null,
                null,
                null,
                null,
                null,
                times.sinkTimeout(),
                null,
                null,
                null);
    }

    private static HikariDataSource pool(String name, String url, int size, Duration answer) {
        var config = new HikariConfig();
        config.setPoolName(name);
        long connect = answer.toSeconds() - 1;
        config.setJdbcUrl(url + "?socketTimeout=" + answer.toSeconds() + "&connectTimeout=" + connect
                + "&logServerErrorDetail=false");
        config.setUsername("postgres");
        config.setPassword("postgres");
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(connect * 1000);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setValidationTimeout(connect * 250);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    private static void stop(Relay relay) {
        try {
            relay.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends this process at the end of its standard input: with the process that started it. */
    static void endWithParent() {
        try {
            // Nothing is ever sent: this returns at the end of the pipe.
            System.in.readAllBytes();
        } catch (IOException e) {
            // As good as the end of it.
            System.err.println("the pipe from the parent process broke");
        }
        Runtime.getRuntime().halt(1);
    }

    // As a supervisor does that asks the pod for its health.
    private static void endWhenBroken(Relay relay) {
        var pace = new Pace();
        while (!relay.status().broken()) {
            pace.pause(500);
        }
        Runtime.getRuntime().halt(PodSettings.BROKEN);
    }

    static void daemon(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
