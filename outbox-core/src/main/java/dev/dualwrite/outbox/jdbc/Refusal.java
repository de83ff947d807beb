package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.ActRefusedException.Kind;
import dev.dualwrite.outbox.OutboxStoreException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells a refusal of one of the functions, in their own words, from a failure of the database. Pure. The driver gives message and
 * hint in one text, since core knows no driver: a first line after the severity, then indented lines with a label each, both in the
 * language of the session.
 */
final class Refusal {

    private static final String FIELD = "\n";
    private static final String INDENT = "  ";
    private static final String LABEL_END = ": ";
    // In every language of the server, the line that says where an error was raised names it.
    private static final String WHERE = "PL/pgSQL";

    private Refusal() {}

    /** Empty if it is not one. */
    static Optional<ActRefusedException> in(OutboxStoreException failure) {
        String state = failure.sqlState();
        Throwable cause = failure.getCause();
        if (state == null || cause == null) {
            return Optional.empty();
        }
        String text = String.valueOf(cause.getMessage());
        return switch (state) {
            // Parameters are checked before they are sent, so what is left speaks of the state of things.
            case "22023", "55000" -> refused(Kind.CONFLICT, text, failure);
            case "P0002" -> refused(Kind.NOT_FOUND, text, failure);
            case "42501" ->
                Optional.of(new ActRefusedException(
                        Kind.FORBIDDEN,
                        "the database user of this application may not do that: " + message(text),
                        "Grant it what docs/reference/grants.md lists: for a person who acts, or to read entries.",
                        failure));
            case "55P03" ->
                Optional.of(new ActRefusedException(
                        Kind.CONFLICT,
                        "another act is under way and not committed yet",
                        "Try again; if that stays, look for a session that is idle in transaction.",
                        failure));
            default -> Optional.empty();
        };
    }

    /** The same for an act, all of which is taken back when its time is over. */
    static Optional<ActRefusedException> inAct(OutboxStoreException failure) {
        return "57014".equals(failure.sqlState())
                ? Optional.of(new ActRefusedException(
                        Kind.CONFLICT,
                        "it took longer than it may, or was cancelled; nothing was changed",
                        "Act on fewer entries at a time, and see what the primary is busy with; the bound is 60 s, or less if the"
                                + " database has a statement_timeout.",
                        failure))
                : in(failure);
    }

    private static Optional<ActRefusedException> refused(Kind kind, String text, OutboxStoreException failure) {
        return Optional.of(new ActRefusedException(kind, message(text), hint(text), failure));
    }

    /** With the detail, if there is one. */
    static String message(String text) {
        List<String> fields = fields(text);
        String first = afterLabel(text.split(FIELD, 2)[0]);
        return fields.size() < 2 ? first : first + ". " + fields.get(0);
    }

    static @Nullable String hint(String text) {
        List<String> fields = fields(text);
        return fields.isEmpty() ? null : fields.get(fields.size() - 1);
    }

    /** What stands before the place: a hint, or a detail and then a hint. Every refusal has a hint. */
    private static List<String> fields(String text) {
        return text.lines()
                .skip(1)
                .takeWhile(line -> !line.contains(WHERE))
                .filter(line -> line.startsWith(INDENT))
                .map(line -> afterLabel(line).strip())
                .toList();
    }

    private static String afterLabel(String text) {
        int label = text.indexOf(LABEL_END);
        return label < 0 ? text : text.substring(label + LABEL_END.length());
    }
}
