package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;

class OutboxConfigurationFailureAnalyzerTest {

    @Test
    void everyMistakeAndWhatToDoAboutItIsPrinted() {
        var failure = new OutboxConfigurationException(List.of(
                new Mistake("dualwrite.shard-count is 0, expected 1 to 1024", "correct it").text(),
                new Mistake("schema 'dualwrite' is not installed", "set dualwrite.schema.mode to migrate").text()));

        FailureAnalysis analysis = analyze(new BeanCreationException("bean", "failed", failure));

        assertThat(analysis.getDescription()).isEqualTo("""
                Dualwrite cannot start: 2 mistakes in its configuration, or in the database it points to.

                    - dualwrite.shard-count is 0, expected 1 to 1024.
                      Next: correct it.
                    - schema 'dualwrite' is not installed.
                      Next: set dualwrite.schema.mode to migrate.""");
        assertThat(analysis.getAction()).isEqualTo("Do what stands under each of them, then start again.");
    }

    @Test
    void stepForASingleMistakeIsTheAction() {
        var failure = new OutboxConfigurationException(List.of(new Mistake("a is 1", "correct it").text()));

        assertThat(analyze(failure).getAction()).isEqualTo("Correct it.");
    }

    @Test
    void mistakeWithoutAStepGetsTheOneOfItsProperty() {
        FailureAnalysis analysis = analyze(new OutboxConfigurationException(
                List.of("dualwrite.relay.threads is 1000, expected 1 to 64", "column x is missing")));

        assertThat(analysis.getDescription())
                .contains("expected 1 to 64.\n      Next: correct dualwrite.relay.threads")
                .contains("column x is missing.\n      Next: correct the configuration or the database");
    }

    @Test
    void springBootFindsIt() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
                        .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((m, e) -> {})))
                .hasAtLeastOneElementOfType(OutboxConfigurationFailureAnalyzer.class);
    }

    private static FailureAnalysis analyze(Throwable failure) {
        return new OutboxConfigurationFailureAnalyzer().analyze(failure);
    }
}
