package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A migration file of this release, as the history has it once it was applied: what Flyway compares. Immutable.
 *
 * @param checksum the CRC-32 of its lines without their ends, so that a checkout with other line ends is the same file
 */
record ReleasedFile(String version, String description, String script, int checksum) {

    private static final Pattern NAME = Pattern.compile("V(\\d+)__(\\w+)\\.sql");

    /** Every file, in the order of their versions. */
    static List<ReleasedFile> all() throws IOException {
        var files = new ArrayList<ReleasedFile>();
        for (String script : Schema.FILES) {
            files.add(of(script));
        }
        return List.copyOf(files);
    }

    private static ReleasedFile of(String script) throws IOException {
        Matcher name = NAME.matcher(script);
        if (!name.matches()) {
            throw new IllegalStateException("migration file is named '" + script + "', expected " + NAME);
        }
        String path = "/" + Schema.LOCATION + "/" + script;
        try (InputStream in = Schema.class.getResourceAsStream(path)) {
            byte[] content = Objects.requireNonNull(in, path).readAllBytes();
            return new ReleasedFile(name.group(1), name.group(2).replace('_', ' '), script, checksum(content));
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
