package dev.dualwrite.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the server's programs are unpacked: once for each user, not once for the machine, so that nobody runs programs
 * that somebody else put there.
 */
final class Binaries {

    // Names that the library uses: the mark of a finished unpacking, and the lock of one under way.
    private static final String FINISHED = ".exists";
    private static final String LOCK = "epg-lock";

    private Binaries() {}

    static Path directory() throws IOException {
        Path directory = Path.of(
                System.getProperty("java.io.tmpdir"), "dualwrite-postgres-programs-" + System.getProperty("user.name"));
        if (!Files.exists(directory)) {
            Files.createDirectories(directory, onlyForUs());
        }
        if (!Files.isWritable(directory)) {
            throw new IllegalStateException("directory " + directory + " belongs to user " + Files.getOwner(directory)
                    + "; remove it or set -Djava.io.tmpdir to a directory of your own");
        }
        removeUnfinished(directory);
        return directory;
    }

    private static FileAttribute<?>[] onlyForUs() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    // The library leaves every file alone that is there, also one that a killed process has written by half.
    private static void removeUnfinished(Path directory) throws IOException {
        List<Path> unpacked;
        try (Stream<Path> entries = Files.list(directory)) {
            unpacked = entries.filter(Files::isDirectory)
                    .filter(path -> !Files.exists(path.resolve(FINISHED)))
                    .toList();
        }
        for (Path unfinished : unpacked) {
            Path lockFile = unfinished.resolve(LOCK);
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.tryLock()) {
                if (lock != null) {
                    emptyExcept(unfinished, lockFile);
                }
            } catch (OverlappingFileLockException e) {
                // Another thread of this JVM is unpacking: the library makes this one wait for it.
            }
        }
    }

    private static void emptyExcept(Path directory, Path file) throws IOException {
        List<Path> leftovers;
        try (Stream<Path> entries = Files.list(directory)) {
            leftovers = entries.filter(entry -> !entry.equals(file)).toList();
        }
        for (Path leftover : leftovers) {
            Trees.delete(leftover);
        }
    }
}
