package dev.dualwrite.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.jdbc.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A migration file of this release, as the history has it once it was applied: what Flyway compares. Immutable.
 *
 * @param version absent for a file that is applied again whenever its text has changed
 * @param checksum the CRC-32 of its lines without their ends, so that a checkout with other line ends is the same file; of one
 *     that is repeatable with the placeholders put in
 */
record ReleasedFile(@Nullable String version, String description, String script, int checksum) {

    private static final Pattern NAME = Pattern.compile("(?:V(\\d+)|R)__(\\w+)\\.sql");

    /** Every file, in the order in which they are applied to this schema. */
    static List<ReleasedFile> all(String schema) throws IOException {
        var files = new ArrayList<ReleasedFile>();
        for (String script : Schema.ALL_FILES) {
            files.add(of(script, schema));
        }
        return List.copyOf(files);
    }

    boolean isRepeatable() {
        return version == null;
    }

    private static ReleasedFile of(String script, String schema) throws IOException {
        Matcher name = NAME.matcher(script);
        if (!name.matches()) {
            throw new IllegalStateException("migration file is named '" + script + "', expected " + NAME);
        }
        String path = "/" + Schema.LOCATION + "/" + script;
        try (InputStream in = Schema.class.getResourceAsStream(path)) {
            byte[] content = Objects.requireNonNull(in, path).readAllBytes();
            String version = name.group(1);
            if (version == null) {
                content =
                        new String(content, UTF_8).replace("${schema}", schema).getBytes(UTF_8);
            }
            return new ReleasedFile(version, name.group(2).replace('_', ' '), script, checksum(content));
        }
    }

    private static int checksum(byte[] content) {
        var checksum = new CRC32();
        int line = 0;
        for (int i = 0; i <= content.length; i++) {
            if (i == content.length || content[i] == '\n' || content[i] == '\r') {
                checksum.update(content, line, i - line);
                line = i + 1;
            }
        }
        return (int) checksum.getValue();
    }
}
