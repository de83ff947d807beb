package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxException;
import dev.dualwrite.spring.operate.PrimaryProblem;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, in the words of whoever refused it. */
final class Problems {

    private static final String PRIMARY_HINT =
            "The console asks the primary itself: see whether it runs and can be reached."
                    + " Nothing that this page last showed need be true any more.";

    private Problems() {}

    static Map<String, @Nullable Object> of(OutboxException problem) {
        return problem instanceof ActRefusedException refused
                ? refused(refused)
                : Json.problem(PrimaryProblem.ofLook(problem), PRIMARY_HINT);
    }

    /** The same for something that was to be changed. */
    static Map<String, @Nullable Object> ofAct(OutboxException problem) {
        return problem instanceof ActRefusedException refused
                ? refused(refused)
                : Json.problem(PrimaryProblem.ofAct(problem), PrimaryProblem.ACT_HINT);
    }

    private static Map<String, @Nullable Object> refused(ActRefusedException refused) {
        var answer = Json.problem(refused.getMessage(), refused.hint().orElse(""));
        // By this the page knows that new tokens would not help.
        answer.put("code", refused.kind().name().toLowerCase(Locale.ROOT));
        return answer;
    }

    /** What is not foreseen says nothing of itself: that is for the log. */
    static Map<String, @Nullable Object> unforeseen() {
        return Json.problem(
                "this instance could not look at the outbox",
                "Its log says why (outbox_console_news_failed). Nothing that this page last showed need be true any more.");
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
