package dev.dualwrite.relay.apply;

import static dev.dualwrite.relay.apply.WithoutPayload.REPLACEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a sink says of an entry, without the entry's data. */
class WithoutPayloadTest {

    private static final String ORDER = """
            {"customer": "Ada Lovelace", "mail": "ada@example.org", "card": 4111111111111111, "status": "NEW",
             "lines": [{"note": "leave it with the neighbour on the left, she knows"}]}""";

    @Test
    void valuesAreReplacedAndNamesStay() {
        assertThat(said("customer 'Ada Lovelace' with card 4111111111111111 is unknown", ORDER))
                .isEqualTo("customer '" + REPLACEMENT + "' with card " + REPLACEMENT + " is unknown");
    }

    @Test
    void beginningOfALongValueIsFoundWhereItWasCutOff() {
        assertThat(said("bad note: leave it with the neighb...", ORDER)).isEqualTo("bad note: " + REPLACEMENT + "...");
    }

    @Test
    void valueIsFoundAsItStandsInJsonToo() {
        String payload = "{\"note\": \"say \\\"hello\\\" to C:\\\\temp\"}";

        assertThat(said("Failed to parse: [say \\\"hello\\\" to C:\\\\temp]", payload))
                .isEqualTo("Failed to parse: [" + REPLACEMENT + "]");
        assertThat(said("bad: say \"hello\" to C:\\temp", payload)).isEqualTo("bad: " + REPLACEMENT);
    }

    @Test
    void beginningOfFewerThanTwelveCharactersStays() {
        assertThat(said("bad note: leave it...", ORDER)).isEqualTo("bad note: leave it...");
    }

    @Test
    void wholePayloadIsReplaced() {
        assertThat(said("cannot send " + ORDER, ORDER)).isEqualTo("cannot send " + REPLACEMENT);
        assertThat(said("cannot send {customer=Ada Lovelace, mail=ada@example.org}", ORDER))
                .doesNotContain("Ada", "example");
    }

    @Test
    void everyOccurrenceIsReplaced() {
        assertThat(said("ada@example.org, again ada@example.org", ORDER))
                .isEqualTo(REPLACEMENT + ", again " + REPLACEMENT);
    }

    @Test
    void veryShortValuesStaySinceTheyWouldBeFoundByChance() {
        assertThat(said("status NEW is not taken", ORDER)).isEqualTo("status NEW is not taken");
    }

    @Test
    void ofAPayloadThatIsNotJsonEveryWordIsReplaced() {
        assertThat(said("no account of Ada Lovelace, $1 of it", "\u0003Lovelace\u0001account7"))
                .isEqualTo("no " + REPLACEMENT + " of Ada " + REPLACEMENT + ", $1 of it");
    }

    @Test
    void withoutPayloadNothingIsReplaced() {
        assertThat(WithoutPayload.text("no such table", null)).isEqualTo("no such table");
    }

    private static String said(String text, String payload) {
        return WithoutPayload.text(text, payload.getBytes(StandardCharsets.UTF_8));
    }
}
