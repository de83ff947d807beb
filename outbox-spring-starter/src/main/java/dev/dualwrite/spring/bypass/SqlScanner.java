package dev.dualwrite.spring.bypass;

import dev.dualwrite.spring.bypass.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cuts a text into the tokens of PostgreSQL (manual, section 4.1): comments are left out, literals lose their text. One pass,
 * each character looked at a bounded number of times, no regular expression; any text is taken, an open quote or comment goes up
 * to the end. Confined to one thread.
 */
final class SqlScanner {

    private static final SqlToken LITERAL = new SqlToken(Kind.LITERAL, "?");

    private final String sql;
    private final List<SqlToken> tokens = new ArrayList<>();
    private int at;

    private SqlScanner(String sql) {
        this.sql = sql;
    }

    static List<SqlToken> tokens(String sql) {
        var scanner = new SqlScanner(sql);
        while (scanner.at < sql.length()) {
            scanner.next();
        }
        return scanner.tokens;
    }

    private void next() {
        char c = sql.charAt(at);
        if (Character.isWhitespace(c)) {
            at++;
        } else if (c == '-' && peek(1) == '-') {
            at = endOf(sql.indexOf('\n', at), 1);
        } else if (c == '/' && peek(1) == '*') {
            comment();
        } else if (c == '\'') {
            literal(false);
        } else if (c == '"') {
            quoted();
        } else if (c == '$') {
            dollar();
        } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            number();
        } else if (isStartOfWord(c)) {
            word(c);
        } else {
            tokens.add(new SqlToken(Kind.SYMBOL, String.valueOf(c)));
            at++;
        }
    }

    /** Comments nest. */
    private void comment() {
        int depth = 1;
        at += 2;
        while (at < sql.length() && depth > 0) {
            if (sql.charAt(at) == '/' && peek(1) == '*') {
                depth++;
                at += 2;
            } else if (sql.charAt(at) == '*' && peek(1) == '/') {
                depth--;
                at += 2;
            } else {
                at++;
            }
        }
    }

    private void literal(boolean backslashEscapes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\\' && backslashEscapes) {
                at++;
            } else if (c == '\'') {
                if (peek(1) != '\'') {
                    break;
                }
                at++;
            }
            at++;
        }
        at = Math.min(at + 1, sql.length());
        tokens.add(LITERAL);
    }

    private void quoted() {
        var name = new StringBuilder();
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '"') {
                if (peek(1) != '"') {
                    break;
                }
                at++;
            }
            name.append(c);
            at++;
        }
        at = Math.min(at + 1, sql.length());
        tokens.add(new SqlToken(Kind.QUOTED, name.toString()));
    }

    /** A dollar-quoted string, or a parameter such as {@code $1}. */
    private void dollar() {
        int end = at + 1;
        if (isDigit(peek(1))) {
            at = end;
            number();
            return;
        }
        while (end < sql.length() && isPartOfTag(sql.charAt(end))) {
            end++;
        }
        if (end < sql.length() && sql.charAt(end) == '$') {
            String tag = sql.substring(at, end + 1);
            at = endOf(sql.indexOf(tag, end + 1), tag.length());
            tokens.add(LITERAL);
        } else {
            tokens.add(new SqlToken(Kind.SYMBOL, "$"));
            at++;
        }
    }

    private void number() {
        while (at < sql.length() && (isPartOfWord(sql.charAt(at)) || sql.charAt(at) == '.')) {
            at++;
        }
        tokens.add(LITERAL);
    }

    private void word(char first) {
        // U&'...' and U&"...": their escapes are left as they are.
        if ((first == 'u' || first == 'U') && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"')) {
            at += 2;
            return;
        }
        int start = at;
        while (at < sql.length() && isPartOfWord(sql.charAt(at))) {
            at++;
        }
        if (at - start == 1 && at < sql.length() && sql.charAt(at) == '\'' && "eEbBxXnN".indexOf(first) >= 0) {
            literal(first == 'e' || first == 'E');
            return;
        }
        tokens.add(new SqlToken(Kind.WORD, sql.substring(start, at).toLowerCase(Locale.ROOT)));
    }

    private char peek(int ahead) {
        return at + ahead < sql.length() ? sql.charAt(at + ahead) : '\0';
    }

    private int endOf(int found, int length) {
        return found < 0 ? sql.length() : found + length;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isStartOfWord(char c) {
        return Character.isLetter(c) || c == '_' || Character.isSurrogate(c);
    }

    private static boolean isPartOfWord(char c) {
        return isStartOfWord(c) || isDigit(c) || c == '$';
    }

    private static boolean isPartOfTag(char c) {
        return isStartOfWord(c) || isDigit(c);
    }
}
