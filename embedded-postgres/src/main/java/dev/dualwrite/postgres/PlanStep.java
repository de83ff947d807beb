package dev.dualwrite.postgres;

/**
 * One step of a plan that the server has run. Immutable.
 *
 * @param kind as in "Index Scan"
 * @param relation the table; the index, if it is a scan of an index for a bitmap; empty if there is none
 * @param index by which it was read; empty if there is none
 * @param rowsRead what it gave on and what its filter threw away, in all its loops
 * @param pages what it looked at, with the steps below it
 */
public record PlanStep(String kind, String relation, String index, long rowsRead, long pages) {

    /** Whether it reads a table, and is not above a step that does. */
    public boolean isScan() {
        return kind.contains("Scan");
    }

    /** Whether it reads a table from its beginning to its end. */
    public boolean isSequential() {
        return kind.endsWith("Seq Scan");
    }

    PlanStep plus(long rows, long morePages) {
        return new PlanStep(kind, relation, index, rowsRead + rows, pages + morePages);
    }
}
