package dev.dualwrite.relay.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The jar that `mvn package` leaves for the pod: what runs in production, without what tests bring. */
final class ExecJar {

    private ExecJar() {}

    static Path path() throws IOException {
        try (var files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.toString().endsWith("-exec.jar"))
                    .findFirst()
                    .orElseThrow(() ->
                            new AssertionError("no pod in " + Path.of("target").toAbsolutePath()
                                    + ": run mvn package first, or start this test through mvn verify"));
        }
    }

    /** Its classes and libraries, unpacked there, in the order of its class path. */
    static List<Path> unpack(Path directory) throws IOException {
        var classPath = new ArrayList<Path>();
        Path classes = directory.resolve("classes");
        classPath.add(classes);
        try (var jar = new ZipFile(path().toFile())) {
            for (ZipEntry entry : Collections.list(jar.entries())) {
                String name = entry.getName();
                if (entry.isDirectory() || !name.matches("(BOOT|META)-INF/.+")) {
                    continue;
                }
                // The loader looks for what lies under META-INF at the top of the jar, not beside the classes.
                Path file = name.startsWith("META-INF/")
                        ? classes.resolve(name)
                        : directory.resolve(name.substring("BOOT-INF/".length()));
                Files.createDirectories(file.getParent());
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, file);
                }
                if (name.startsWith("BOOT-INF/lib/")) {
                    classPath.add(file);
                }
            }
        }
        return classPath;
    }
}
