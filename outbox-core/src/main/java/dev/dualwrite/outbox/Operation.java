package dev.dualwrite.outbox;

/** What an entry does to its aggregate at a secondary store. */
public enum Operation {
    /** The aggregate exists, and the payload is its whole state. */
    UPSERT('U'),
    /** The aggregate is gone. */
    DELETE('D'),
    /**
     * Something about the aggregate changed: the relay loads its current state, or finds that it is gone, and gives sinks an
     * {@link #UPSERT} or a {@link #DELETE}. No sink ever sees this one.
     */
    REFERENCE('R');

    private final char code;

    Operation(char code) {
        this.code = code;
    }

    /** The letter in the column {@code operation}. */
    public char code() {
        return code;
    }

    /** The operation of a letter in the column {@code operation}. */
    public static Operation ofCode(char code) {
        return switch (code) {
            case 'U' -> UPSERT;
            case 'D' -> DELETE;
            case 'R' -> REFERENCE;
            default ->
                throw new IllegalArgumentException("operation is '" + code
                        + "', expected 'U', 'D' or 'R': was the entry written by a newer version of Dualwrite?");
        };
    }
}
