package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints every mistake with what to do about it, instead of a stack trace. */
final class OutboxConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<OutboxConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, OutboxConfigurationException cause) {
        List<Mistake> mistakes =
                cause.mistakes().stream().distinct().map(Mistake::parse).toList();
        boolean one = mistakes.size() == 1;
        return new FailureAnalysis(
                "Dualwrite cannot start: " + (one ? "1 mistake" : mistakes.size() + " mistakes")
                        + " in its configuration, or in the database it points to.\n\n"
                        + mistakes.stream()
                                .map(OutboxConfigurationFailureAnalyzer::lines)
                                .collect(Collectors.joining("\n")),
                one
                        ? capitalized(mistakes.get(0).nextStep()) + "."
                        : "Do what stands under each of them, then start again.",
                cause);
    }

    private static String lines(Mistake mistake) {
        return "    - " + mistake.problem() + ".\n      Next: " + mistake.nextStep() + ".";
    }

    private static String capitalized(String step) {
        return step.substring(0, 1).toUpperCase(Locale.ROOT) + step.substring(1);
    }
}
