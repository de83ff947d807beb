package dev.dualwrite.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.dualwrite.outbox.PayloadType;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.Upcaster;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The golden files of a payload type with three versions, whose name changed with the third. */
class GoldenPayloadsTest {

    private static final Path PAYLOADS = Path.of("src/test/resources/payloads");
    private static final PayloadCodec JSON = JsonMapper.builder().build()::writeValueAsBytes;

    private static final Purchase ADA =
            new Purchase(new Purchase.Customer("Ada", "Lovelace"), new BigDecimal("12.50"), "EUR");

    @Test
    void everyVersionEverReleasedIsReadAsTheNewest() {
        GoldenPayloads.in(PAYLOADS, JSON)
                .upcastBy(List.of(new SplitName(), new AddCurrency()))
                .check(ADA);
    }

    @PayloadType(value = "purchase", version = 3)
    record Purchase(Customer customer, BigDecimal total, String currency) {
        record Customer(String first, String last) {}
    }

    /** Version 2 has the two parts of a customer's name. */
    static final class SplitName implements Upcaster {
        @Override
        public String payloadType() {
            return "order";
        }

        @Override
        public int fromVersion() {
            return 1;
        }

        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            String name = (String) payload.get("customer");
            if (name != null) {
                String[] parts = name.split(" ", 2);
                var customer = new LinkedHashMap<String, Object>(); // Map.of takes no null
                customer.put("first", parts[0]);
                customer.put("last", parts.length > 1 ? parts[1] : null);
                payload.put("customer", customer);
            }
            return payload;
        }
    }

    /** Version 3 has a currency, and another name. */
    static final class AddCurrency implements Upcaster {
        @Override
        public String payloadType() {
            return "order";
        }

        @Override
        public int fromVersion() {
            return 2;
        }

        @Override
        public String toPayloadType() {
            return "purchase";
        }

        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            payload.put("currency", "EUR");
            return payload;
        }
    }

    @Test
    void classThatChangedWithoutANewVersionIsToldWhatToDo() {
        var changed = new Purchase(new Purchase.Customer("Ada", "Lovelace"), new BigDecimal("12.5"), "EUR");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() ->
                        golden(PAYLOADS).expecting(1, ADA).expecting(2, ADA).check(changed))
                .withMessageContaining("purchase-v3.json says something else than what today's code writes")
                .withMessageContaining("raise the version of the payload type and add an upcaster from 3")
                .withMessageContaining("\"total\" : 12.5,");
    }

    @Test
    void missingFileOfTheNewestVersionFailsWithItsContent(@TempDir Path empty) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> GoldenPayloads.in(empty, JSON).check(ADA))
                .withMessageContaining("there is no " + empty.resolve("purchase-v3.json"))
                .withMessageContaining("create that file with this content:\n{")
                .withMessageContaining("\"currency\" : \"EUR\"");
    }

    @Test
    void olderVersionThatLosesSomethingFailsWithBoth() {
        var other = new Purchase(new Purchase.Customer("Ada", "King"), new BigDecimal("12.50"), "EUR");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> golden(PAYLOADS).expecting(1, other).check(ADA))
                .withMessageContaining("order-v1.json becomes\n")
                .withMessageContaining("\"last\" : \"Lovelace\"")
                .withMessageContaining("\"last\" : \"King\"");
    }

    @Test
    void olderVersionWithoutAnUpcasterFails(@TempDir Path directory) throws IOException {
        Files.copy(PAYLOADS.resolve("purchase-v3.json"), directory.resolve("purchase-v3.json"));
        Files.writeString(directory.resolve("purchase-v2.json"), "{}");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> GoldenPayloads.in(directory, JSON).check(ADA))
                .withMessageContaining(
                        "purchase-v2.json is lifted to 'purchase' version 2, expected 'purchase' version 3."
                                + " Next: add an upcaster from 'purchase' version 2");
    }

    @Test
    void missingFileOfAnOlderVersionFails(@TempDir Path directory) throws IOException {
        Files.copy(PAYLOADS.resolve("purchase-v3.json"), directory.resolve("purchase-v3.json"));
        Files.copy(PAYLOADS.resolve("order-v1.json"), directory.resolve("order-v1.json"));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> golden(directory).check(ADA))
                .withMessageContaining("there is no " + directory.resolve("order-v2.json") + ". Next: bring it back");
    }

    @Test
    void versionThatFallsIsSeen(@TempDir Path directory) throws IOException {
        Files.copy(PAYLOADS.resolve("purchase-v3.json"), directory.resolve("purchase-v3.json"));
        Files.writeString(directory.resolve("purchase-v4.json"), "{}");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> GoldenPayloads.in(directory, JSON).check(ADA))
                .withMessageContaining("purchase-v4.json, but today's code writes version 3");
    }

    @Test
    void binaryFileIsComparedByWhatItSays(@TempDir Path directory) throws IOException {
        PayloadCodec marked = payload -> ("#" + payload).getBytes(UTF_8);
        PayloadDecoder decoder = new PayloadDecoder() {
            @Override
            public boolean recognises(byte[] payload) {
                return payload[0] == '#';
            }

            @Override
            public Object decode(byte[] payload) {
                return Map.of("text", Arrays.toString(payload));
            }
        };
        Files.writeString(directory.resolve("note-v1.avro"), "#a");
        GoldenPayloads golden = GoldenPayloads.in(directory, marked).decodedBy(decoder);

        assertThatCode(() -> golden.check("note", 1, "a")).doesNotThrowAnyException();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> golden.check("note", 1, "b"))
                .withMessageContaining("note-v1.avro says something else")
                .withMessageContaining("I2I=");
    }

    // The entries of a map have no order in Avro.
    @Test
    void binaryFileMayHaveTheSameInAnotherOrderButNotInAnotherSchema(@TempDir Path directory) throws IOException {
        PayloadDecoder bag = new PayloadDecoder() {
            @Override
            public boolean recognises(byte[] payload) {
                return true;
            }

            @Override
            public Object decode(byte[] payload) {
                byte[] letters = Arrays.copyOfRange(payload, 10, payload.length);
                Arrays.sort(letters);
                return new String(letters, UTF_8);
            }
        };
        Files.write(directory.resolve("note-v1.avro"), marked(7, "ab"));

        assertThatCode(() -> GoldenPayloads.in(directory, payload -> marked(7, "ba"))
                        .decodedBy(bag)
                        .check("note", 1, "sample"))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> GoldenPayloads.in(directory, payload -> marked(8, "ab"))
                        .decodedBy(bag)
                        .check("note", 1, "sample"))
                .withMessageContaining("note-v1.avro says something else");
    }

    private static byte[] marked(int fingerprint, String value) {
        byte[] payload = Arrays.copyOf(new byte[] {(byte) 0xC3, 1, (byte) fingerprint}, 10 + value.length());
        System.arraycopy(value.getBytes(UTF_8), 0, payload, 10, value.length());
        return payload;
    }

    @Test
    void payloadTypeWithASlashHasItsFileInTheSameDirectory(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("shop%2Fnote-v1.json"), "\"a\"");
        Files.writeString(directory.resolve("shop%2Fnote-v2.json"), "\"a\"");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> GoldenPayloads.in(directory, JSON).check("shop/note", 1, "a"))
                .withMessageContaining("shop%2Fnote-v2.json, but today's code writes version 1")
                .withMessageNotContaining("there is no");
    }

    @Test
    void sampleThatStatesNoTypeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> golden(PAYLOADS).check("text"))
                .withMessageContaining("java.lang.String states no payload type");
    }

    private static GoldenPayloads golden(Path directory) {
        return GoldenPayloads.in(directory, JSON).upcastBy(List.of(new SplitName(), new AddCurrency()));
    }
}
