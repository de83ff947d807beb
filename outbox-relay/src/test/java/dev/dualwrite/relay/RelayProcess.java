package dev.dualwrite.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A relay in a process of its own, with a sink that writes nothing and dies of payloads that begin with "poison". */
final class RelayProcess implements AutoCloseable {

    /** What the process ends with when it dies of an entry. */
    static final int POISONED = 66;

    private final Process process;

    private RelayProcess(Process process) {
        this.process = process;
    }

    static RelayProcess start(TestDatabase database, ClaimConfig claims, String... jvmOptions) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(List.of(jvmOptions));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RelayProcess.class.getName(),
                database.url(),
                database.user(),
                database.password(),
                Integer.toString(claims.batchSize()),
                Long.toString(claims.batchMaxBytes())));
        return new RelayProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .inheritIO()
                .start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " has not ended in 60 s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Runs until it is killed, or dies of an entry. */
    public static void main(String[] args) {
        var config = new HikariConfig();
        config.setJdbcUrl(args[0]);
        config.setUsername(args[1]);
        config.setPassword(args[2]);
        var pool = new HikariDataSource(config);
        short sinkId = new ControlStore(pool, "dualwrite")
                .registerSinks(List.of("copy"))
                .get("copy");
        var sink = new ConfiguredSink(
                "copy",
                sinkId,
                new MortalSink(),
                new RetryPolicy(5, new Backoff(Duration.ofMillis(100), Duration.ofMillis(400)), Duration.ofSeconds(5)),
                Duration.ofMillis(500));
        var claims = new ClaimConfig(Integer.parseInt(args[3]), Long.parseLong(args[4]), Duration.ofMillis(50), 2);
        new Relay(
                        pool,
                        "dualwrite",
                        new RelayConfig(claims, Duration.ofSeconds(1), Duration.ofSeconds(5)),
                        List.of(sink),
                        CrashProbe.NONE)
                .start();
    }

    private static final class MortalSink implements Sink {
        @Override
        public List<ApplyResult> apply(List<ClaimedEntry> entries) {
            for (ClaimedEntry entry : entries) {
                byte[] payload = entry.payload();
                if (payload != null && new String(payload, 0, Math.min(6, payload.length), UTF_8).equals("poison")) {
                    Runtime.getRuntime().halt(POISONED);
                }
            }
            return entries.stream().map(entry -> ApplyResult.applied()).toList();
        }
    }
}
