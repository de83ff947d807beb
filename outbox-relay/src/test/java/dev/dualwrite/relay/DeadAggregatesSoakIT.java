package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What dead aggregates cost the others in time: entries a second of a drain into a second PostgreSQL with none, one and a
 * thousand of them among a hundred thousand aggregates, in turns, medians of five. Every aggregate changes all the time, the
 * dead ones too. Not a part of the build: machines are shared and noisy.
 */
@EnabledIfSystemProperty(named = "dualwrite.soak", matches = "true", disabledReason = "takes minutes; run with -Psoak")
class DeadAggregatesSoakIT {

    private static final Duration LATER = Duration.ofMinutes(3);
    private static final ClaimConfig CLAIMS = new ClaimConfig(1000, 8_000_000, Duration.ofMillis(100), 4);
    private static final int AGGREGATES = 100_000;

    private static final int CHANGES = 4;

    private static final int ENTRIES = CHANGES * AGGREGATES;
    private static final int ROUNDS = 5;
    private static final String GOOD = "{\"state\":\"" + "x".repeat(280) + "\"}";
    private static final String BAD = "{\"state\":\"bad\"}";

    @Test
    void throughputOfTheOthersIsAtLeastNineTenths() throws Exception {
        Map<Integer, List<Double>> rates = new TreeMap<>();
        try (PostgresServer secondary = PostgresServer.start(PostgresConfig.defaults());
                HikariDataSource pool = pool(secondary)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int dead : List.of(0, 1, 1000)) {
                    rates.computeIfAbsent(dead, d -> new ArrayList<>()).add(rate(dead, pool));
                }
            }
        }
        double healthy = median(rates.get(0));
        rates.forEach((dead, rounds) -> System.out.printf(
                "dead aggregates %4d: %6.0f entries/s, ratio %.2f, rounds %s%n",
                dead, median(rounds), median(rounds) / healthy, rounds));
        rates.forEach((dead, rounds) ->
                assertThat(median(rounds) / healthy).as("%d dead", dead).isGreaterThanOrEqualTo(0.9));
    }

    private static double rate(int dead, HikariDataSource secondary) throws SQLException {
        run(secondary, "DROP TABLE IF EXISTS copy, dualwrite_tombstone");
        run(
                secondary,
                "CREATE TABLE copy (id text PRIMARY KEY, state text CHECK (state <> 'bad'),"
                        + " dualwrite_version bigint NOT NULL DEFAULT 0)");
        try (var database = new OutboxDatabase("copy");
                var relays = new Relays(database)) {
            database.append(
                    IntStream.range(0, dead).mapToObj(i -> order(i * 7, BAD)).toArray(OutboxEntry[]::new));
            relays.start("copy", sink(secondary), CLAIMS);
            await().atMost(LATER).until(() -> dead(database) == dead && database.hotEntries() == 0);
            relays.close();
            // Every aggregate changes some times; those that are dead stay so, and their newest entries are tried.
            for (int from = 0; from < ENTRIES; from += 10_000) {
                database.append(IntStream.range(from, from + 10_000)
                        .map(i -> i % AGGREGATES)
                        .mapToObj(i -> order(i, i % 7 == 0 && i / 7 < dead ? BAD : GOOD))
                        .toArray(OutboxEntry[]::new));
            }

            Relay relay = relays.start(List.of(patient(relays.configured("copy", sink(secondary)))), CLAIMS);
            // Not the take-over of the lanes, and not the first batches.
            awaitDone(relay, ENTRIES / 10);
            long begin = System.nanoTime();
            long first = done(relay);
            awaitDone(relay, (ENTRIES - CHANGES * dead) * 95 / 100);
            return (done(relay) - first) / ((System.nanoTime() - begin) / 1e9);
        }
    }

    /** As it comes: the tests' relays try again within less than half a second. */
    private static ConfiguredSink patient(ConfiguredSink sink) {
        var defaults =
                new RetryPolicy(10, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)), Duration.ofHours(1));
        return new ConfiguredSink(sink.name(), sink.id(), sink.sink(), defaults, sink.timeout());
    }

    private static Sink sink(HikariDataSource secondary) throws SQLException {
        JdbcSink sink = JdbcSink.builder(secondary)
                .table("copy")
                .keyColumns("id")
                .timeout(Duration.ofSeconds(10))
                .build();
        sink.validate();
        return sink;
    }

    private static HikariDataSource pool(PostgresServer server) {
        var config = new HikariConfig();
        config.setJdbcUrl(server.url("postgres"));
        config.setUsername(server.user());
        config.setPassword(server.password());
        config.setMaximumPoolSize(8);
        return new HikariDataSource(config);
    }

    private static void run(HikariDataSource pool, String statement) throws SQLException {
        try (Connection connection = pool.getConnection();
                var execute = connection.createStatement()) {
            execute.execute(statement);
        }
    }

    private static long dead(OutboxDatabase database) {
        return database.count("SELECT count(*) FROM dualwrite.held_entry WHERE state = 'dead'");
    }

    private static void awaitDone(Relay relay, int entries) {
        await().pollInterval(Duration.ofMillis(2)).atMost(LATER).until(() -> done(relay) >= entries);
    }

    private static long done(Relay relay) {
        return relay.status().applied() + relay.status().coalesced();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
