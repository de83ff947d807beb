package dev.dualwrite.relay.sink.jdbc;

/** How a JSON value is written for a column's type. */
enum ColumnKind {
    /** A type whose input is a plain text: numbers, times, uuid, boolean, enum, composite, range and most others. */
    SCALAR("number, text or boolean"),
    /** text and varchar: takes anything, a JSON object or array as its JSON text. */
    TEXT("value"),
    /** json or jsonb: takes anything. */
    JSON("value"),
    /** Any array type: takes a JSON array, of any depth, or the text of PostgreSQL's own literal. */
    ARRAY("array or text"),
    /** bytea: takes base64 text. */
    BINARY("base64 text");

    private final String wanted;

    ColumnKind(String wanted) {
        this.wanted = wanted;
    }

    /** For messages: what the payload should have there. */
    String wanted() {
        return wanted;
    }

    /**
     * The kind of a type of the catalog.
     *
     * @param baseType the name in {@code pg_type}, of the type under a domain
     * @param category the letter in {@code pg_type.typcategory}
     */
    static ColumnKind of(String baseType, String category) {
        return switch (baseType) {
            case "json", "jsonb" -> JSON;
            case "bytea" -> BINARY;
            default ->
                switch (category) {
                    case "A" -> ARRAY;
                    case "S" -> TEXT;
                    default -> SCALAR;
                };
        };
    }
}
