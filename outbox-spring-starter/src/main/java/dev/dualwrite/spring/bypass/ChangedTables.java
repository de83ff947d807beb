package dev.dualwrite.spring.bypass;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables that a text changes by INSERT, UPDATE, DELETE, MERGE, TRUNCATE or COPY FROM. Confined to one thread.
 *
 * <p>Idea: these words are names elsewhere ({@code FOR UPDATE OF t}, {@code DO UPDATE SET}, a column {@code delete}), but never
 * where a statement begins: at the begin of the text, after a semicolon, after the list of a WITH, and in the parentheses of
 * {@code WITH x AS (...)}. A frame for each open parenthesis says whether one may begin there. Bodies of functions and of DO are
 * string literals, so they are not looked into; nor are those of CREATE, which run later and for somebody else.
 */
final class ChangedTables {

    private static final Set<String> VERBS =
            Set.of("insert", "update", "delete", "merge", "truncate", "copy", "with", "select", "values", "table");

    private enum Frame {
        /** A statement begins here. */
        VERB,
        /** The list of common table expressions; the statement comes after it. */
        WITH,
        /** Anything else. */
        BODY
    }

    private final List<SqlToken> tokens;
    private final Set<TableName> changed = new LinkedHashSet<>();
    private final Deque<Frame> frames = new ArrayDeque<>();
    private boolean creates;
    private int at;

    private ChangedTables(List<SqlToken> tokens) {
        this.tokens = tokens;
        frames.push(Frame.VERB);
    }

    static Set<TableName> of(List<SqlToken> tokens) {
        var tables = new ChangedTables(tokens);
        while (tables.at < tokens.size()) {
            tables.step();
        }
        return tables.changed;
    }

    private void step() {
        SqlToken token = tokens.get(at);
        if (token.isSymbol(';') && frames.size() == 1) {
            replace(Frame.VERB);
            creates = false;
        } else if (token.isSymbol('(')) {
            frames.push(inside());
        } else if (token.isSymbol(')')) {
            if (frames.size() > 1) {
                frames.pop();
            }
        } else if (frames.element() == Frame.VERB) {
            at++;
            statement(token);
            return;
        } else if (frames.element() == Frame.WITH && beginsStatementAfterWith(token)) {
            at++;
            statement(token);
            return;
        } else if (creates && token.isWord("atomic") && before("begin")) {
            // The statements of an SQL function's body end with semicolons too.
            at = tokens.size();
        }
        at++;
    }

    private Frame inside() {
        return switch (frames.element()) {
            case VERB -> Frame.VERB;
            case WITH -> before("as") || before("materialized") ? Frame.VERB : Frame.BODY;
            case BODY -> Frame.BODY;
        };
    }

    /** Not if the word is the name of a common table expression. */
    private boolean beginsStatementAfterWith(SqlToken token) {
        boolean names =
                before("with") || before("recursive") || tokens.get(at - 1).isSymbol(',');
        return token.kind() == SqlToken.Kind.WORD && VERBS.contains(token.text()) && !names;
    }

    private void statement(SqlToken verb) {
        replace(verb.isWord("with") ? Frame.WITH : Frame.BODY);
        if (verb.kind() != SqlToken.Kind.WORD) {
            return;
        }
        switch (verb.text()) {
            case "insert", "merge" -> changedIf(skip("into"));
            case "delete" -> changedIf(skip("from"));
            case "update" -> changedIf(true);
            case "truncate" -> truncate();
            case "copy" -> copy();
            case "create" -> creates = true;
            default -> {}
        }
    }

    private void changedIf(boolean isAChange) {
        TableName name = isAChange ? name() : null;
        if (name != null) {
            changed.add(name);
        }
    }

    private void truncate() {
        skip("table");
        do {
            changedIf(true);
            skipSymbol('*');
        } while (skipSymbol(','));
    }

    /** {@code COPY t (columns) FROM}; with a query in place of the table, or with TO, it reads. */
    private void copy() {
        TableName name = name();
        if (name == null) {
            replace(Frame.VERB);
            return;
        }
        if (skipSymbol('(')) {
            while (at < tokens.size() && !skipSymbol(')')) {
                at++;
            }
        }
        if (skip("from")) {
            changed.add(name);
        }
    }

    /** A table's name, after ONLY or not; at most the last two parts of it. */
    private @Nullable TableName name() {
        boolean parentheses = skip("only") && skipSymbol('(');
        String schema = null;
        String table = part();
        while (table != null && skipSymbol('.')) {
            schema = table;
            table = part();
        }
        if (parentheses) {
            skipSymbol(')');
        }
        return table == null ? null : new TableName(schema, table);
    }

    private @Nullable String part() {
        return at < tokens.size() && tokens.get(at).isName()
                ? tokens.get(at++).text().toLowerCase(Locale.ROOT)
                : null;
    }

    private boolean skip(String word) {
        boolean found = at < tokens.size() && tokens.get(at).isWord(word);
        at += found ? 1 : 0;
        return found;
    }

    private boolean skipSymbol(char symbol) {
        boolean found = at < tokens.size() && tokens.get(at).isSymbol(symbol);
        at += found ? 1 : 0;
        return found;
    }

    private boolean before(String word) {
        return at > 0 && tokens.get(at - 1).isWord(word);
    }

    private void replace(Frame frame) {
        frames.pop();
        frames.push(frame);
    }
}
