package dev.dualwrite.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one server, held by one process at a time.
 *
 * <pre>
 * lock          locked by the process that uses the directory
 * owner         a token for each use: a watcher of an earlier one sees that it is no longer in charge
 * cluster       the name of the data directory, written once the server has answered
 * data-…        the data directory; one that the file cluster does not name was never finished
 * server.log    of the latest start
 * </pre>
 */
final class DataHome {

    private static final Logger LOG = LoggerFactory.getLogger(DataHome.class);

    private static final int LOG_LINES_IN_ERRORS = 20;
    // Guessed: a busy machine needs a second to clear away a killed JVM.
    private static final long LOCK_LIMIT_MS = 5_000;
    private static final long LOOK_EVERY_MS = 100;

    private final Path directory;
    private final boolean kept;
    private final FileChannel lockChannel;
    private final String token = UUID.randomUUID().toString();
    private final Path data;

    private DataHome(Path directory, boolean kept, FileChannel lockChannel) throws IOException {
        this.directory = directory;
        this.kept = kept;
        this.lockChannel = lockChannel;
        Path cluster = directory.resolve("cluster");
        this.data = directory.resolve(Files.exists(cluster) ? Files.readString(cluster) : "data-" + token);
    }

    static DataHome open(@Nullable Path kept) throws IOException {
        if (kept == null) {
            Path directory = Files.createTempDirectory("dualwrite-postgres-").toRealPath();
            return take(new DataHome(directory, false, lock(directory)));
        }
        Path directory = Files.createDirectories(kept).toRealPath();
        Path lock = directory.resolve("lock");
        if (!Files.exists(lock) && !Trees.isEmpty(directory)) {
            throw new IllegalStateException("directory " + directory
                    + " holds files that are not ours; name an empty one or one made by an earlier start");
        }
        FileChannel channel = lock(directory);
        try {
            return take(new DataHome(directory, true, channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        Path file = directory.resolve("lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw new IllegalStateException(
                    "directory " + directory + " belongs to user " + Files.getOwner(directory) + ", this is user "
                            + System.getProperty("user.name") + "; run as the same user or name another directory",
                    e);
        }
        if (!locked(channel)) {
            channel.close();
            throw new IllegalStateException(
                    "directory " + directory
                            + " is in use by another process or another server of this one; stop that one or name another directory");
        }
        return channel;
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            // A process that was killed a moment ago may still be on its way out.
            for (long waited = 0; waited < LOCK_LIMIT_MS; waited += LOOK_EVERY_MS) {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return true;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
            }
            return false;
        } catch (OverlappingFileLockException e) {
            // This very JVM holds it, and will for as long as we wait.
            return false;
        }
    }

    /** Makes an earlier use harmless: its watcher by the token, its server by stopping it. */
    private static DataHome take(DataHome home) throws IOException {
        home.write("owner", home.token);
        Files.deleteIfExists(home.log());
        for (Path earlier : home.dataDirectories()) {
            Postmaster.stop(earlier);
            if (!earlier.equals(home.data)) {
                removeUnfinished(earlier);
            }
        }
        return home;
    }

    private static void removeUnfinished(Path data) {
        try {
            Trees.delete(data);
        } catch (IOException e) {
            // The initdb of a killed JVM is still writing there; it is in nobody's way, and a later start removes it.
            LOG.debug("postgres_unfinished_data_kept directory={} error={}", data, e.toString());
        }
    }

    private List<Path> dataDirectories() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> String.valueOf(path.getFileName()).startsWith("data-"))
                    .toList();
        }
    }

    /** The server has answered: from now on its data directory is the one to start from. */
    void initialised() throws IOException {
        // CRASH: a data directory that was never named here holds nothing of the user's and is removed at the next
        // start.
        if (kept && !Files.exists(directory.resolve("cluster"))) {
            write("cluster", String.valueOf(data.getFileName()));
        }
    }

    private void write(String name, String text) throws IOException {
        Path draft = directory.resolve(name + ".new");
        Files.writeString(
                draft,
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        Files.move(draft, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        Trees.sync(directory);
    }

    Path directory() {
        return directory;
    }

    Path data() {
        return data;
    }

    Path log() {
        return directory.resolve("server.log");
    }

    String logTail() throws IOException {
        if (!Files.exists(log())) {
            return "(nothing)";
        }
        List<String> lines = Files.readAllLines(log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_IN_ERRORS), lines.size()));
    }

    String token() {
        return token;
    }

    boolean kept() {
        return kept;
    }

    /** Gives the directory up; the server must have stopped. */
    void close() throws IOException {
        try (lockChannel) {
            if (!kept) {
                Trees.delete(directory);
            }
        }
    }
}
