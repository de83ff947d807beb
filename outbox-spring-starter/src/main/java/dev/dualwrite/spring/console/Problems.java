package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.OutboxException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, in the words of whoever refused it. */
final class Problems {

    private static final String PRIMARY_HINT =
            "The console asks the primary itself: see whether it runs and can be reached."
                    + " Nothing that this page last showed need be true any more.";

    /** The answer may have been lost after the commit: to do it again without a look would be to do it twice. */
    private static final String ACT_HINT = "Look into the audit whether it was done, then try again.";

    private Problems() {}

    static Map<String, @Nullable Object> of(OutboxException problem) {
        String message = problem.getMessage();
        if (problem instanceof ActRefusedException refused) {
            var answer = Json.problem(message, refused.hint().orElse(""));
            // By this the page knows that new tokens would not help.
            answer.put("code", refused.kind().name().toLowerCase(Locale.ROOT));
            return answer;
        }
        return Json.problem(message, PRIMARY_HINT);
    }

    /** The same for something that was to be changed. */
    static Map<String, @Nullable Object> ofAct(OutboxException problem) {
        return problem instanceof ActRefusedException ? of(problem) : Json.problem(problem.getMessage(), ACT_HINT);
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
