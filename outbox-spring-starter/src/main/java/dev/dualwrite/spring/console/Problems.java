package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.spring.operate.PrimaryProblem;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, in the words of whoever refused it. */
final class Problems {

    private static final String PRIMARY_HINT =
            "The console asks the primary itself: see whether it runs and can be reached."
                    + " Nothing that this page last showed need be true any more.";

    private Problems() {}

    static Map<String, @Nullable Object> of(OutboxException problem, boolean isAct) {
        return problem instanceof ActRefusedException refused
                ? Json.problem(refused.getMessage(), refused.hint().orElse(""))
                : isAct
                        ? Json.problem(PrimaryProblem.ofAct(problem), PrimaryProblem.ACT_HINT)
                        : Json.problem(PrimaryProblem.ofLook(problem), PRIMARY_HINT);
    }

    static int status(OutboxException problem) {
        if (problem instanceof ActRefusedException refused) {
            return switch (refused.kind()) {
                case INVALID -> 400;
                case FORBIDDEN -> 403;
                case NOT_FOUND -> 404;
                case CONFLICT -> 409;
            };
        }
        return 503;
    }
}
