package dev.dualwrite.bench.latency;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.bench.pod.Place;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process with a relay, that reports what became visible. Ends with this one, whatever ends this one. */
final class OtherPodProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final BufferedReader reports;

    private OtherPodProcess(Process process) {
        this.process = process;
        this.reports = process.inputReader(UTF_8);
    }

    /** One that has only begun to start. */
    static OtherPodProcess start(Place primary, Place secondary) throws IOException {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OtherPod.class.getName());
        // Not as arguments, which everybody on the machine can read.
        builder.environment().putAll(OtherPod.environment(primary, secondary));
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return new OtherPodProcess(builder.start());
    }

    /** Blocks until it holds every lane; from then on reports go to {@code arrivals}. */
    void awaitReady(Arrivals arrivals) throws IOException {
        String first = reports.readLine();
        if (!OtherPod.READY.equals(first)) {
            throw new IllegalStateException("the other pod did not start; it said " + first);
        }
        var reader = new Thread(() -> read(arrivals), "bench-other-pod");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Arrivals arrivals) {
        try {
            for (String line = reports.readLine(); line != null; line = reports.readLine()) {
                String[] report = line.split(" ", -1);
                long micros = Long.parseLong(report[0]);
                for (int i = 1; i < report.length; i++) {
                    arrivals.visible(report[i], micros);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end of its input ends it. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the other pod did not end within " + PATIENCE_SECONDS + " s");
        }
    }
}
