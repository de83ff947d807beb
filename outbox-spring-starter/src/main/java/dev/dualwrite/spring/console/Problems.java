package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, in the words of whoever refused it. */
final class Problems {

    private static final String PRIMARY_HINT =
            "The console asks the primary itself: see whether it runs and can be reached."
                    + " Nothing that this page last showed need be true any more.";

    private Problems() {}

    static Map<String, @Nullable Object> of(OutboxException problem) {
        String message = problem.getMessage();
        return problem instanceof ActRefusedException refused
                ? Json.problem(message, refused.hint().orElse(""))
                : Json.problem(message, PRIMARY_HINT);
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
