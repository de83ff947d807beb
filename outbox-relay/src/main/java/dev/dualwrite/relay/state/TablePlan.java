package dev.dualwrite.relay.state;

import java.util.List;

/**
 * How the rows of a table are read, as long as it looks like this. Immutable.
 *
 * @param identifier schema and name, quoted
 * @param keys in the order of the parts of the id
 * @param columns all that there are
 * @param shape a hash of what the catalog says of the table
 */
record TablePlan(String identifier, List<KeyColumn> keys, List<Column> columns, long shape) {

    /**
     * A key column.
     *
     * @param castType what a part of the id is cast to: with its schema, without its length
     * @param equality schema of the operator that compares it as its index does
     */
    record KeyColumn(String name, String castType, String equality) {}

    /**
     * A column.
     *
     * @param builtIn name of its type, of the one under a domain; empty if it is not one of pg_catalog
     * @param element the same of an array's elements
     */
    record Column(String name, String builtIn, String element) {}

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
