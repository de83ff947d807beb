package dev.dualwrite.relay.chaos;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One pod: a process that is started again and again. Confined to one thread. */
final class Pod implements AutoCloseable {

    private static final long STOP_LIMIT_S = 20;

    /** 128 and the number of the signal: the shutdown hook has run to its end. */
    private static final int SIGTERM_EXIT = 143;

    private final PodSettings settings;
    private final Path log;
    private Process process;

    Pod(PodSettings settings, Path log) throws IOException {
        this.settings = settings;
        this.log = log;
        process = launch(settings);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Does nothing if it runs. */
    void startIfDead() throws IOException {
        if (!process.isAlive()) {
            process = launch(settings);
        }
    }

    void restartAs(PodSettings other) throws IOException, InterruptedException {
        kill();
        process = launch(other);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** SIGTERM, and its end. Not by destroy(), which closes the pipe as well: the pod would take us for dead. */
    void stop() throws IOException, InterruptedException {
        signal("TERM");
        if (awaitExit() != SIGTERM_EXIT) {
            throw new AssertionError(
                    "pod " + process.pid() + " ended with " + process.exitValue() + " on SIGTERM, see " + log);
        }
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(STOP_LIMIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError("pod " + process.pid() + " has not ended in " + STOP_LIMIT_S + " s, see " + log);
        }
        return process.exitValue();
    }

    private Process launch(PodSettings with) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Three on two cores that start again every few seconds: a quick start counts most.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-Duser.timezone=Pacific/Auckland",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ChaosPod.class.getName()));
        command.addAll(with.arguments());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(log.toFile()))
                .start();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
