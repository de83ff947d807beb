package dev.dualwrite.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server process that a data directory names in its {@code postmaster.pid}, whoever started it. */
final class Postmaster {

    private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);

    // A fast shutdown writes a checkpoint first: seconds on a slow disk.
    private static final long STOP_LIMIT_MS = 60_000;
    private static final long LOOK_EVERY_MS = 100;

    private Postmaster() {}

    /**
     * Stops the server of a data directory and waits for its end; does nothing if none runs. Call it only while holding
     * the directory.
     */
    static void stop(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        Optional<ProcessHandle> process = named(pidFile).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            // A dead server's file stays: the server reads in it whether orphans still use its shared memory.
            return;
        }
        ProcessHandle postmaster = process.get();
        Optional<String> command = postmaster.info().command();
        if (command.isPresent() && !command.get().contains("postgres")) {
            // The number belongs to another program by now, and the server would refuse to start because of it.
            Files.deleteIfExists(pidFile);
            return;
        }
        LOG.info("postgres_left_running pid={} directory={}", postmaster.pid(), data);
        // The fast shutdown. SIGTERM, which Java would send, waits for every session to go away by itself.
        signal(postmaster, Shutdown.FAST);
        awaitEnd(postmaster, pidFile);
    }

    /** Ends the server of a data directory, which must run, by a signal, and waits for its end. */
    static void end(Path data, Shutdown how) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        ProcessHandle postmaster = named(pidFile)
                .orElseThrow(() -> new IllegalStateException("no server runs in " + data + ", nothing to end"));
        signal(postmaster, how);
        if (how == Shutdown.KILL) {
            // It cannot remove its file any more, and where nobody collects dead processes it would look alive for
            // ever.
            Files.deleteIfExists(pidFile);
        }
        awaitEnd(postmaster, pidFile);
    }

    private static void awaitEnd(ProcessHandle postmaster, Path pidFile) {
        for (long waited = 0; waited < STOP_LIMIT_MS; waited += LOOK_EVERY_MS) {
            // Its file goes last; where nobody collects the dead process, the process itself never seems to end.
            if (!Files.exists(pidFile) || ended(postmaster)) {
                return;
            }
        }
        throw new IllegalStateException("a server still runs in " + pidFile.getParent() + " as pid " + postmaster.pid()
                + ", " + STOP_LIMIT_MS + " ms after it was told to stop; end it, then start again");
    }

    private static Optional<ProcessHandle> named(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        return lines.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.get(0).trim()));
    }

    private static void signal(ProcessHandle postmaster, Shutdown how) throws IOException {
        new ProcessBuilder("kill", "-" + how.signal(), Long.toString(postmaster.pid()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
    }

    private static boolean ended(ProcessHandle process) {
        try {
            process.onExit().get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot wait for pid " + process.pid(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for pid " + process.pid(), e);
        }
    }
}
