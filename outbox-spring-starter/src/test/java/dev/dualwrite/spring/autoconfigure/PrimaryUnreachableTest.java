package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** A primary that cannot be reached at the start is told with its place, what was seen and what to do. */
class PrimaryUnreachableTest {

    private final PrimaryUnreachableFailureAnalyzer analyzer = new PrimaryUnreachableFailureAnalyzer();

    @Test
    void placeAndRefusalAndNextStepAreTold() {
        var failure = new OutboxStoreException(
                "looking at db.example:5432/orders failed", new SQLException("Connection refused", "08001"));

        var analysis = analyzer.analyze(new BeanCreationException("bean", "failed", failure));

        assertThat(analysis.getDescription())
                .isEqualTo("Dualwrite cannot start without its primary: looking at db.example:5432/orders failed:"
                        + " Connection refused (SQLSTATE 08001).");
        assertThat(analysis.getAction()).contains("Is PostgreSQL running there", "spring.datasource.url");
    }

    @ParameterizedTest
    @CsvSource({"28P01, password", "3D000, database", "53300, max_connections", "57P03, starting up"})
    void stepIsThatOfWhatWasSeen(String state, String step) {
        var analysis = analyzer.analyze(new OutboxStoreException("looking failed", new SQLException("no", state)));

        assertThat(analysis.getAction()).contains(step);
    }

    @Test
    void otherRefusalIsNotItsBusiness() {
        assertThat(analyzer.analyze(new OutboxStoreException("reading failed", new SQLException("no", "42601"))))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db:5432/orders?user=a&password=secret, db:5432/orders",
        "jdbc:postgresql://me:secret@db/orders, db/orders",
        "'jdbc:tracing:postgresql://a:1,b:2/orders?x=y', 'a:1,b:2/orders'"
    })
    void placeIsToldWithoutCredentials(String url, String place) {
        assertThat(PrimaryPlace.of(url)).isEqualTo(place);
    }

    @Test
    void urlOfAnotherFormIsNotShown() {
        assertThat(PrimaryPlace.of("jdbc:postgresql:secret?password=secret")).doesNotContain("secret");
    }

    @Test
    void springBootFindsIt() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
                        .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((m, e) -> {})))
                .hasAtLeastOneElementOfType(PrimaryUnreachableFailureAnalyzer.class);
    }
}
