package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.PayloadTree;
import dev.dualwrite.outbox.spi.Upcasters.TypeVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The golden files of a directory. Blocks on the file system; it is only read. */
final class GoldenFiles {

    private final Path directory;
    private final @Nullable PayloadDecoder decoder;

    GoldenFiles(Path directory, @Nullable PayloadDecoder decoder) {
        this.directory = directory;
        this.decoder = decoder;
    }

    boolean binary() {
        return decoder != null;
    }

    Path file(TypeVersion version) {
        return directory.resolve(name(version.type()) + "-v" + version.version() + (binary() ? ".avro" : ".json"));
    }

    /** A payload type as a part of a file's name: what not every file system takes there is in hex. */
    private static String name(String type) {
        return Pattern.compile("[^\\p{L}\\p{N}._ -]")
                .matcher(type)
                .replaceAll(match ->
                        String.format(Locale.ROOT, "%%%02X", match.group().codePointAt(0)));
    }

    boolean has(TypeVersion version) {
        return Files.exists(file(version));
    }

    /** The versions of a payload type that there are files of. */
    NavigableSet<Integer> versions(String type) {
        Pattern name = Pattern.compile(Pattern.quote(name(type)) + "-v(\\d+)\\." + (binary() ? "avro" : "json"));
        var versions = new TreeSet<Integer>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                files.map(file -> name.matcher(file.getFileName().toString()))
                        .filter(Matcher::matches)
                        .forEach(match -> versions.add(Integer.valueOf(match.group(1))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return versions;
    }

    byte[] read(TypeVersion version) {
        try {
            return Files.readAllBytes(file(version));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a payload says, however it is written. */
    @Nullable
    Object tree(byte[] payload) {
        if (decoder == null) {
            return JsonText.read(payload);
        }
        try {
            return PayloadTree.copy(decoder.decode(payload));
        } catch (Exception e) {
            throw new IllegalArgumentException("it cannot be decoded: " + e, e);
        }
    }
}
