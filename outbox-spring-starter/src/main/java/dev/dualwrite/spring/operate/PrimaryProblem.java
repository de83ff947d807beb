package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.outbox.OutboxStoreException;

/** What an answer says where the primary could not be asked; its own words, which may name addresses, are for the log. Thread-safe. */
public final class PrimaryProblem {

    /** For an act: its answer, or that of its commit, may be what was lost. */
    public static final String ACT_HINT =
            "It may have been done or not: look into the audit whether it was, then try again.";

    private PrimaryProblem() {}

    /** Says it in a way that everybody may read who may look. */
    public static String ofLook(OutboxException problem) {
        OperateLog.lookNotAnswered(problem);
        return text(problem);
    }

    /** The same for an act. */
    public static String ofAct(OutboxException problem) {
        OperateLog.actNotAnswered(problem);
        return text(problem);
    }

    private static String text(OutboxException problem) {
        String state = problem instanceof OutboxStoreException store ? store.sqlState() : null;
        return "the primary could not be asked" + (state == null ? "" : " (SQLSTATE " + state + ")");
    }
}
