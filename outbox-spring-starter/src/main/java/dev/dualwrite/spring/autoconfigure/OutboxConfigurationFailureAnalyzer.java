package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints every mistake with what to do about it, instead of a stack trace. */
final class OutboxConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<OutboxConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, OutboxConfigurationException cause) {
        List<Mistake> mistakes = cause.mistakes().stream().map(Mistake::parse).toList();
        String count = mistakes.size() == 1 ? "1 mistake" : mistakes.size() + " mistakes";
        return new FailureAnalysis(
                "Dualwrite cannot start: " + count + " in its configuration, or in the database it points to.\n\n"
                        + lines(mistakes, Mistake::problem),
                "\n" + lines(mistakes.stream().distinct().toList(), Mistake::nextStep),
                cause);
    }

    private static String lines(List<Mistake> mistakes, Function<Mistake, String> text) {
        return mistakes.stream()
                .map(text)
                .distinct()
                .map(line -> "    - " + line + ".")
                .collect(Collectors.joining("\n"));
    }
}
