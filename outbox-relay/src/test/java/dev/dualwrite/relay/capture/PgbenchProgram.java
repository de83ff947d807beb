package dev.dualwrite.relay.capture;

import dev.dualwrite.postgres.TestDatabase;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real pgbench, of whatever version is installed. */
final class PgbenchProgram implements TellerLoad {

    private final Path program;
    private final TestDatabase database;

    private PgbenchProgram(Path program, TestDatabase database) {
        this.program = program;
        this.database = database;
    }

    /** Where it is on the PATH. */
    static Optional<Path> find() {
        String path = System.getenv("PATH");
        return Stream.of((path == null ? "" : path).split(File.pathSeparator, -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "pgbench"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static TellerLoad of(Path program, TestDatabase database) {
        return new PgbenchProgram(program, database);
    }

    @Override
    public TestDatabase database() {
        return database;
    }

    @Override
    public void create() throws Exception {
        pgbench("--initialize", "--scale=1");
    }

    @Override
    public void run(int transactions, boolean emptyHistory) throws Exception {
        var options = new ArrayList<>(
                List.of("--builtin=tpcb-like", "--client=" + CLIENTS, "--jobs=2", "--transactions=" + transactions));
        if (!emptyHistory) {
            options.add("--no-vacuum");
        }
        pgbench(options.toArray(String[]::new));
    }

    private void pgbench(String... options) throws Exception {
        // jdbc:postgresql://localhost:5432/test_1
        String[] place = database.url().replaceFirst("^jdbc:postgresql://", "").split("[:/]", 3);
        var command = new ArrayList<>(List.of(program.toString(), "--host=" + place[0], "--port=" + place[1]));
        command.addAll(List.of(options));
        command.addAll(List.of("--username=" + database.user(), place[2]));
        Path output = Files.createTempFile("pgbench", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end: " + Files.readString(output));
            }
            if (process.exitValue() != 0) {
                throw new AssertionError(command + " failed: " + Files.readString(output));
            }
        } finally {
            Files.delete(output);
        }
    }

    @Override
    public String toString() {
        return "pgbench";
    }
}
