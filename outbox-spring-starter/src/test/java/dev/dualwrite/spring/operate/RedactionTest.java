package dev.dualwrite.spring.operate;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.jdbc.EntryDetail;
import dev.dualwrite.outbox.jdbc.StuckEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What a person sees of a payload. */
class RedactionTest {

    private static final String ORDER = """
            {"id": 7, "customer": "Ada Lovelace", "status": "NEW", "paid": true, "note": null,
             "lines": [{"sku": "A-1", "price": 12.5}, {"sku": "B-2", "price": 3}],
             "contacts": {"ada@example.org": "home"}}
            """;

    @Test
    void everyValueIsReplacedByItsTypeAndLength() {
        assertThat(shown(Map.of(), ORDER)).isEqualTo("""
                {"id":"<number>","customer":"<text, 12 characters>","status":"<text, 3 characters>","paid":"<boolean>",\
                "note":null,"lines":[{"sku":"<text, 3 characters>","price":"<number>"},\
                {"sku":"<text, 3 characters>","price":"<number>"}],\
                "contacts":{"<name 1, 15 characters>":"<text, 4 characters>"}}""");
    }

    @Test
    void fieldsThatAreNamedForTheTypeAreShownWithAllBelowThem() {
        assertThat(shown(Map.of("order", List.of("status", "/lines/*/sku", "/lines/1/price")), ORDER))
                .contains("\"status\":\"NEW\"", "\"sku\":\"A-1\",\"price\":\"<number>\"", "\"sku\":\"B-2\",\"price\":3")
                .doesNotContain("Ada");
        assertThat(shown(Map.of("order", List.of("/contacts")), ORDER)).contains("\"ada@example.org\":\"home\"");
        assertThat(shown(Map.of("customer", List.of("status")), ORDER)).doesNotContain("NEW");
    }

    @Test
    void bareNameMeansTheFieldAtTheTopOnly() {
        assertThat(shown(Map.of("order", List.of("sku")), ORDER)).doesNotContain("A-1", "B-2");
    }

    @Test
    void payloadThatIsNotJsonIsOnlyMeasured() {
        ShownPayload shown = show(Map.of("order", List.of("/*")), "Ada Lovelace".getBytes(StandardCharsets.UTF_8));

        assertThat(shown).isEqualTo(new ShownPayload(12, "other", null));
        assertThat(show(Map.of(), null)).isEqualTo(new ShownPayload(0, "none", null));
    }

    @Test
    void bareValueIsRedactedToo() {
        assertThat(shown(Map.of(), "\"Ada\"")).isEqualTo("\"<text, 3 characters>\"");
    }

    @Test
    void longListsDeepTreesAndManyFieldsAreCutOff() {
        assertThat(shown(Map.of(), "[" + "1,".repeat(999) + "1]")).endsWith("\"<number>\",\"<950 more>\"]");
        assertThat(shown(Map.of(), "[".repeat(400) + "]".repeat(400))).contains("<array, 1 elements>");
        String wide = IntStream.range(0, 5000).mapToObj(i -> "\"f" + i + "\":1").collect(joining(",", "{", "}"));
        assertThat(shown(Map.of(), wide)).contains("\"f1998\"").endsWith("\"<3000 more>\":null}");
    }

    @Test
    void headersAreRedactedButForTheTraceContext() {
        var detail = new EntryDetail(
                stuck(),
                Operation.DELETE,
                "order",
                1,
                Instant.EPOCH,
                Map.of(
                        "tenant",
                        "Lovelace & Sons",
                        "traceparent",
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                null);

        assertThat(new Redaction(Map.of()).show(detail).headers())
                .containsOnly(
                        entry("tenant", "<text, 15 characters>"),
                        entry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    }

    @ParameterizedTest
    @CsvSource({
        "status,true",
        "/status,true",
        "/lines/*/sku,true",
        "/a~1b,true",
        "/,false",
        "//a,false",
        "/a~2,false",
        "a/,false"
    })
    void fieldIsAJsonPointerOrABareName(String text, boolean valid) {
        assertThat(VisibleField.isValid(text)).isEqualTo(valid);
    }

    @Test
    void everyMistakeInThePropertiesIsToldWithItsNextStep() {
        var properties = new OperateProperties(
                new OperateProperties.Operator("ROLE_ADMIN", " ", false, List.of(), Map.of("order", List.of("//"))),
                new OperateProperties.Health(Duration.ZERO),
                new OperateProperties.Metrics(Duration.ofMillis(10)));

        assertThat(properties.mistakes())
                .hasSize(5)
                .allMatch(mistake -> mistake.contains(". Next: correct"))
                .anyMatch(mistake -> mistake.startsWith("dualwrite.operator.role is 'ROLE_ADMIN'"))
                .anyMatch(mistake -> mistake.startsWith("dualwrite.metrics.interval is 10ms"));
    }

    private static String shown(Map<String, List<String>> visible, String json) {
        ShownPayload shown = show(visible, json.getBytes(StandardCharsets.UTF_8));
        assertThat(shown.format()).isEqualTo("json");
        return JsonMapper.shared().writeValueAsString(shown.content());
    }

    private static ShownPayload show(Map<String, List<String>> visible, byte[] payload) {
        var detail = new EntryDetail(stuck(), Operation.UPSERT, "order", 1, Instant.EPOCH, Map.of(), payload);
        return new Redaction(visible).show(detail).payload();
    }

    private static StuckEntry stuck() {
        return new StuckEntry(1, "copy", "order", "42", "dead", 10, null, null, null, "no", Duration.ZERO, null, null);
    }
}
