package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupportedServerTest {

    @ParameterizedTest
    @CsvSource({
        "MySQL, 0",
        "'CockroachDB CCL v25.1.0 (x86_64-pc-linux-gnu)', 13",
        "'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC, Redshift 1.0.1', 8",
    })
    void otherServersAreRefused(String description, int majorVersion) {
        assertThat(SupportedServer.mistake(description, majorVersion))
                .hasValueSatisfying(m -> assertThat(m).contains(description, "expected PostgreSQL", "Sink"));
    }

    @Test
    void oldServersAreRefused() {
        assertThat(SupportedServer.mistake("PostgreSQL 13.9 on x86_64", 13))
                .hasValueSatisfying(m -> assertThat(m).contains("PostgreSQL 13, expected 14"));
    }

    @Test
    void currentServersAreTaken() {
        assertThat(SupportedServer.mistake("PostgreSQL 18.0 on x86_64", 18)).isEmpty();
    }
}
