package dev.dualwrite.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A copy of the data directory of a running server, from which a standby can start.
 *
 * <p>By the low-level interface of continuous archiving, since the embedded binaries bring no {@code pg_basebackup}. The log
 * is not copied: the standby streams it from the checkpoint on, so the primary must keep it ({@code wal_keep_size}).
 */
final class BaseBackup {

    private BaseBackup() {}

    static void copy(Connection primary, Path to) throws SQLException, IOException {
        try (Statement statement = primary.createStatement()) {
            Path from = Path.of(text(statement, "SHOW data_directory"));
            statement.execute("SELECT pg_backup_start('standby', true)");
            copyFiles(from, to);
            // Its backup_label takes the place of pg_control, which was copied at some moment during the backup.
            Files.writeString(
                    to.resolve("backup_label"), text(statement, "SELECT labelfile FROM pg_backup_stop(false)"));
            Files.createFile(to.resolve("standby.signal"));
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Path copy = to.resolve(from.relativize(directory).toString());
                if (!Files.exists(copy)) {
                    Files.createDirectory(copy);
                }
                if (directory.equals(from)) {
                    // The server refuses a directory that others may read.
                    Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(from));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (belongsToTheBackup(from.relativize(file))) {
                    copyFile(file, to.resolve(from.relativize(file).toString()));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }

    private static boolean belongsToTheBackup(Path file) {
        return !file.startsWith("pg_wal")
                && !file.startsWith("postmaster.pid")
                && !file.startsWith("postmaster.opts")
                && !file.startsWith("epg-lock");
    }

    private static void copyFile(Path file, Path copy) {
        try {
            Files.copy(file, copy);
        } catch (NoSuchFileException e) {
            // Dropped meanwhile; the log says so, and recovery does the same.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("copying " + file + " for a standby failed", e);
        }
    }
}
