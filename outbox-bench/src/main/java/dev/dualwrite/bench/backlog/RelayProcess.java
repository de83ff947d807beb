package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.store.Database;
import dev.dualwrite.postgres.PostgresServer;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The process of {@link BacklogRelay}, with the heap of a small pod. One thread at a time. */
final class RelayProcess implements AutoCloseable {

    static final int HEAP_MIB = 256;
    private static final long END_SECONDS = 5;

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    /** Starts it with a relay for each backlog; they are all in one process so that they run the same compiled code. */
    RelayProcess(List<Backlog> backlogs, Database secondary) throws IOException {
        PostgresServer server = secondary.cluster().server();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                BacklogRelay.class.getName(),
                server.user(),
                server.url(secondary.name())));
        for (Backlog backlog : backlogs) {
            Database primary = backlog.primary();
            command.add(primary.cluster().server().url(primary.name()));
            command.add(Short.toString(backlog.sinkId()));
            command.add(backlog.copy().table());
        }
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        // Not as an argument, which everybody on the machine can read.
        builder.environment().put(BacklogRelay.PASSWORD, server.password());
        this.process = builder.start();
        this.in = process.outputWriter();
        this.out = process.inputReader();
    }

    /** The relay of the backlog with this place in the list. */
    Draining relay(int place) {
        return new Draining() {
            @Override
            public void arm(long entries) throws IOException {
                ask("arm " + place + " " + entries);
            }

            @Override
            public void wake() throws IOException {
                ask("wake " + place);
            }

            @Override
            public Drained drained() throws IOException {
                long[] numbers = ask("drained " + place);
                return new Drained(numbers[0], numbers[1], numbers[2]);
            }

            @Override
            public long rest() throws IOException {
                return ask("rest " + place)[0];
            }
        };
    }

    /** The largest heap that it may have and the most that it had, in bytes. */
    long[] heap() throws IOException {
        return ask("heap 0");
    }

    private long[] ask(String command) throws IOException {
        in.write(command);
        in.newLine();
        in.flush();
        String answer = out.readLine();
        if (answer == null) {
            throw new IOException("the relay's process ended at '" + command + "'; see its messages above");
        }
        return Arrays.stream(answer.split(" ", -1))
                .filter(number -> !number.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try (in;
                out) {
            in.flush();
        } finally {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
