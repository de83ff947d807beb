package dev.dualwrite.relay.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.MalformedInputException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureClassifierTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08001", "08006", "28P01", "3D000", "40001", "40P01", "42501", "42P01", "53300", "57014", "57P01",
                "55P03", "25006", "25P03", "25P04"
            })
    void storeIsAtFaultForStatesThatNoOtherEntryWouldFareBetterWith(String sqlState) {
        assertThat(FailureClassifier.isStoreFailure(new SQLException("x", sqlState)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22001", "22P02", "23502", "23503", "23505", "23514", "P0001", "XX000"})
    void entryIsAtFaultForStatesThatDependOnItsData(String sqlState) {
        assertThat(FailureClassifier.isStoreFailure(new SQLException("x", sqlState)))
                .isFalse();
    }

    @Test
    void causeDecidesThatAWrapperHides() {
        assertThat(FailureClassifier.isStoreFailure(
                        new IllegalStateException("apply", new RuntimeException(new ConnectException("refused")))))
                .isTrue();
        assertThat(FailureClassifier.isStoreFailure(new RuntimeException(new SocketTimeoutException())))
                .isTrue();
        assertThat(FailureClassifier.isStoreFailure(new TimeoutException())).isTrue();
        assertThat(FailureClassifier.isStoreFailure(new SQLTransientConnectionException("pool empty")))
                .isTrue();
        assertThat(FailureClassifier.isStoreFailure(new IllegalArgumentException("bad payload")))
                .isFalse();
    }

    @Test
    void decoderThatThrowsAnInputOutputExceptionIsTheEntrysFault() {
        assertThat(FailureClassifier.isStoreFailure(new MalformedInputException(1)))
                .isFalse();
    }

    @Test
    void tableThatDoesNotFitIsNoEntrysFault() {
        assertThat(FailureClassifier.isStoreFailure(new OutboxConfigurationException(List.of("no such column"))))
                .isTrue();
    }

    @Test
    void circleOfCausesEnds() {
        var a = new RuntimeException("a");
        a.initCause(new RuntimeException("b", a));

        assertThat(FailureClassifier.isStoreFailure(a)).isFalse();
        assertThat(FailureClassifier.rootOf(a)).isNotNull();
    }

    @Test
    void rootIsTheInnermostCauseThatSaysSomething() {
        var root = new IllegalArgumentException("no such field");

        assertThat(FailureClassifier.rootOf(new RuntimeException("apply", new RuntimeException(root))))
                .isSameAs(root);
        assertThat(FailureClassifier.rootOf(new RuntimeException("apply", new RuntimeException((String) null))))
                .hasMessage("apply");
    }
}
