package dev.dualwrite.spring.bypass;

import java.util.List;

/**
 * A statement without its values, for people to read and to count it once: literals and parameters are one {@code ?}, a list of
 * them is one {@code ?..}, so is a list of rows; comments and line breaks are gone. Thread-safe, without state.
 */
final class StatementShape {

    // A guess: long enough to find the statement in the code.
    private static final int MOST_CHARACTERS = 500;

    private StatementShape() {}

    static String of(List<SqlToken> tokens) {
        var shape = new StringBuilder();
        for (SqlToken token : tokens) {
            if (shape.length() > MOST_CHARACTERS) {
                return shape.append(" ...").toString();
            }
            append(shape, token);
        }
        return shape.toString();
    }

    private static void append(StringBuilder shape, SqlToken token) {
        String text =
                switch (token.kind()) {
                    case QUOTED -> '"' + token.text() + '"';
                    case WORD, LITERAL, SYMBOL -> token.text();
                };
        boolean joins = token.isSymbol(',') || token.isSymbol(')') || token.isSymbol('.') || token.isSymbol(';');
        if (!joins && !shape.isEmpty() && !endsWith(shape, "(") && !endsWithOneDot(shape)) {
            shape.append(' ');
        }
        shape.append(text);
        fold(shape, "?, ?", "?..");
        fold(shape, "?.., ?", "?..");
        fold(shape, "(?), (?)", "(?), ..");
        fold(shape, "(?..), (?..)", "(?..), ..");
        fold(shape, ".., (?)", "..");
        fold(shape, ".., (?..)", "..");
    }

    private static void fold(StringBuilder shape, String end, String folded) {
        if (endsWith(shape, end)) {
            shape.setLength(shape.length() - end.length());
            shape.append(folded);
        }
    }

    private static boolean endsWithOneDot(CharSequence shape) {
        return endsWith(shape, ".") && !endsWith(shape, "..");
    }

    private static boolean endsWith(CharSequence shape, String end) {
        int from = shape.length() - end.length();
        return from >= 0 && CharSequence.compare(shape.subSequence(from, shape.length()), end) == 0;
    }
}
