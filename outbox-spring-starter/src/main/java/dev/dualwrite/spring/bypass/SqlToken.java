package dev.dualwrite.spring.bypass;

/**
 * A piece of a statement. Immutable.
 *
 * @param text in lower case if it is a word; without its quotes if it is a quoted name; else as written
 */
record SqlToken(Kind kind, String text) {

    /** What a piece is. */
    enum Kind {
        /** A key word or a name. */
        WORD,
        /** A name in double quotes. */
        QUOTED,
        /** A number or a string, whose text is not kept. */
        LITERAL,
        /** A single other character. */
        SYMBOL
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(0) == symbol;
    }

    boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED;
    }
}
