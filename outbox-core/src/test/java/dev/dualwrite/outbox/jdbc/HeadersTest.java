package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadersTest {

    @Test
    void noHeadersAreNoText() {
        assertThat(Headers.format(Map.of())).isEmpty();
        assertThat(Headers.parse(null)).isEmpty();
        assertThat(Headers.parse("")).isEmpty();
    }

    @Test
    void textIsReadable() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("trace-id", "4bf92f");
        headers.put("tenant", "a b");

        assertThat(Headers.format(headers)).isEqualTo("trace-id=4bf92f&tenant=a+b");
    }

    @Test
    void whateverIsInAHeaderComesBack() {
        Map<String, String> headers = Map.of("a=b", "c&d", "plus+", "%20 \n", "empty", "", "Ünï", "東京 😀", "nul", "\0");

        assertThat(Headers.parse(Headers.format(headers))).isEqualTo(headers);
    }

    @Test
    void textHoldsNothingThatPostgresCannotStore() {
        assertThat(Headers.format(Map.of("nul", "\0"))).isEqualTo("nul=%00");
    }
}
