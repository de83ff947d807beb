package dev.dualwrite.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The unit of order: a type and an id. Immutable.
 *
 * <p>A composite id is one text: its parts in order, joined by {@code |}, with {@code |} and {@code \} inside a part
 * escaped by {@code \}. So each list of parts has exactly one text, and {@link #idParts()} gives the parts back.
 *
 * @param type a name of 1 to 100 characters without {@code :} and control characters, for example {@code order}
 * @param id 1 to 1,000 characters without control characters
 */
public record Aggregate(String type, String id) {

    private static final int MAX_TYPE_LENGTH = 100;
    private static final int MAX_ID_LENGTH = 1000;

    public Aggregate {
        check("type", requireNonNull(type, "type"), MAX_TYPE_LENGTH);
        check("id", requireNonNull(id, "id"), MAX_ID_LENGTH);
        if (type.indexOf(':') >= 0) {
            throw new IllegalArgumentException("aggregate type is '" + type + "', expected a name without ':'");
        }
    }

    /** An aggregate whose id has one or more parts; each part's text is its {@code toString()}. */
    public static Aggregate of(String type, Object firstPart, Object... moreParts) {
        var id = new StringBuilder(escape(requireNonNull(firstPart, "firstPart").toString()));
        for (Object part : moreParts) {
            id.append('|').append(escape(requireNonNull(part, "part of the id").toString()));
        }
        return new Aggregate(type, id.toString());
    }

    /** The parts of the id, in order; one for an id that is not composite. */
    public List<String> idParts() {
        if (id.indexOf('\\') < 0 && id.indexOf('|') < 0) {
            return List.of(id);
        }
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c == '\\' && i + 1 < id.length()) {
                part.append(id.charAt(++i));
            } else if (c == '|') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return List.copyOf(parts);
    }

    /**
     * The shard of this aggregate, in {@code [0, shardCount)}: the first four bytes of SHA-256 over the UTF-8 text {@code
     * type:id}, read as an unsigned big-endian number, modulo the shard count. It is part of the data format: the same in
     * every version, and the same as the SQL function {@code shard_of}.
     */
    public int shard(int shardCount) {
        byte[] hash = sha256().digest((type + ':' + id).getBytes(UTF_8));
        long first = (hash[0] & 0xFFL) << 24 | (hash[1] & 0xFFL) << 16 | (hash[2] & 0xFFL) << 8 | (hash[3] & 0xFFL);
        return (int) (first % shardCount);
    }

    @Override
    public String toString() {
        return type + ":" + id;
    }

    private static void check(String name, String value, int maxLength) {
        if (value.isEmpty() || value.length() > maxLength) {
            throw new IllegalArgumentException(
                    "aggregate " + name + " has " + value.length() + " characters, expected 1 to " + maxLength);
        }
        String flaw = CleanText.flaw(value);
        if (flaw != null) {
            throw new IllegalArgumentException("aggregate " + name + " has " + flaw);
        }
    }

    private static String escape(String part) {
        return part.indexOf('\\') < 0 && part.indexOf('|') < 0
                ? part
                : part.replace("\\", "\\\\").replace("|", "\\|");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
