package dev.dualwrite.sample.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.sample.OrderClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running {@link CrashApp}. Its output is kept, for the messages of failures. */
final class SampleProcess implements AutoCloseable {

    private static final long LIMIT_SECONDS = 60;

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final Thread reader;

    private SampleProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::readOutput, "output-of-" + process.pid());
        this.reader.setDaemon(true);
        this.reader.start();
    }

    /** Starts one, and does not wait for it. */
    static SampleProcess start(List<String> jvmOptions, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // It lives for seconds: start fast.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Duser.timezone=Pacific/Auckland"));
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                CrashApp.class.getName(),
                "--spring.main.banner-mode=off"));
        command.addAll(arguments);
        return new SampleProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                int ready = line.indexOf(CrashApp.READY);
                if (ready >= 0) {
                    port.complete(Integer.valueOf(line.substring(ready + CrashApp.READY.length())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            port.completeExceptionally(new IOException("it ended before it was ready"));
        }
    }

    /** Its port, once it is ready. */
    int port() throws InterruptedException, TimeoutException {
        try {
            return port.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage() + describe(), e);
        }
    }

    /** A client, once it is ready. */
    OrderClient client() throws InterruptedException, TimeoutException {
        return new OrderClient(port());
    }

    /** Makes it halt when this window is visited for the n-th time from now on. */
    void haltAt(CrashWindow window, int visit) throws IOException {
        process.getOutputStream().write((window + " " + visit + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** As by {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exitCode();
    }

    /** As by Ctrl-C. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("the process has not ended in %d s%s", LIMIT_SECONDS, describe())
                .isTrue();
        reader.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        return process.exitValue();
    }

    List<String> output() {
        return List.copyOf(output);
    }

    /** Its output, as the end of a message. */
    String describe() {
        return "; its output:\n" + String.join("\n", output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
