package dev.dualwrite.spring.avro;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.spi.PayloadDecoder.UnknownSchemaException;
import dev.dualwrite.outbox.spi.PayloadTree;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericData.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

class AvroPayloadCodecTest {

    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    private final AvroSchemas schemas = read("classpath*:avro/*.avsc");
    private final AvroPayloadCodec codec =
            new AvroPayloadCodec(schemas, payload -> payload.toString().getBytes(UTF_8));
    private final AvroPayloadDecoder decoder = new AvroPayloadDecoder(schemas);

    @Test
    void everyTypeComesBackAsExactlyAsItWent() throws Exception {
        Record written = everything();

        Object tree = PayloadTree.copy(decoder.decode(codec.encode(written)));

        var expected = new LinkedHashMap<String, Object>();
        expected.put("amount", new BigDecimal("1234567890123456789012345678.1000"));
        expected.put("fixed_amount", new BigDecimal("-1.50"));
        expected.put("micros", "1969-12-31T23:59:59.999999Z");
        expected.put("millis", "2026-11-21T10:00:00.001Z");
        expected.put("local", "2026-11-21T10:00:00.000001");
        expected.put("day", "2026-11-21");
        expected.put("clock", "10:00:00.000001");
        expected.put("free_amount", new BigDecimal("-0.000000000000000000000000000001230"));
        expected.put("nanos", "1969-12-31T23:59:59.999999999Z");
        expected.put("local_nanos", "1969-12-31T23:59:59.000000001");
        expected.put("either", new BigDecimal("1.20"));
        expected.put("id", ID.toString());
        expected.put("whole", new BigDecimal(Long.MAX_VALUE));
        expected.put("fraction", new BigDecimal("0.1"));
        expected.put("small", new BigDecimal("0.1"));
        expected.put("bytes", "AP8=");
        expected.put("kind", "OLD");
        var line = new LinkedHashMap<String, Object>(Map.of("sku", "東京 😀"));
        line.put("note", null);
        expected.put("lines", List.of(line));
        expected.put("labels", Map.of("a", "b"));
        expected.put("yes", true);
        assertThat(tree).isEqualTo(expected);
    }

    // LocalTime would begin the day again.
    @Test
    void endOfADayStaysItAndWhatIsBeyondIsRefused() throws Exception {
        Record written = everything();
        long day = Duration.ofDays(1).toNanos() / 1000;
        written.put("clock", day);

        assertThat(((Map<?, ?>) decoder.decode(codec.encode(written))).get("clock"))
                .isEqualTo("24:00:00");
        for (long beyond : new long[] {-1, day + 1, Long.MAX_VALUE}) {
            written.put("clock", beyond);
            byte[] payload = codec.encode(written);

            assertThatThrownBy(() -> decoder.decode(payload)).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void numbersThatJsonDoesNotHaveBecomeTheirNames() throws Exception {
        Record written = everything();
        written.put("fraction", Double.NaN);
        written.put("small", Float.NEGATIVE_INFINITY);

        Map<?, ?> tree = (Map<?, ?>) decoder.decode(codec.encode(written));

        assertThat(tree.get("fraction")).isEqualTo("NaN");
        assertThat(tree.get("small")).isEqualTo("-Infinity");
    }

    @Test
    void payloadTellsItsSchemaAndIsNoJson() {
        byte[] payload = codec.encode(everything());

        assertThat(Arrays.copyOf(payload, 2)).containsExactly(0xC3, 0x01);
        assertThat(decoder.recognises(payload)).isTrue();
        assertThat(decoder.recognises("{\"a\":1, \"b\":2}".getBytes(UTF_8))).isFalse();
        assertThat(decoder.recognises(new byte[] {(byte) 0xC3, 1})).isFalse();
    }

    @Test
    void whatIsNoAvroRecordIsWrittenByTheOtherCodec() {
        assertThat(codec.encode("text")).asString(UTF_8).isEqualTo("text");
    }

    @Test
    void unknownFingerprintIsUnknownAndNotBroken() {
        byte[] payload = codec.encode(everything());
        payload[5]++;

        assertThatExceptionOfType(UnknownSchemaException.class)
                .isThrownBy(() -> decoder.decode(payload))
                .withMessageContaining("not among those of dualwrite.avro.schemas")
                .withMessageContaining("dev.dualwrite.test.Everything");
    }

    @Test
    void brokenBytesAreRefused() {
        byte[] payload = codec.encode(everything());

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> decoder.decode(Arrays.copyOf(payload, payload.length - 1)));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> decoder.decode(Arrays.copyOf(payload, payload.length + 1)))
                .withMessageContaining("behind its end");
    }

    @Test
    void schemaThatNoRelayCouldKnowIsRefusedWhenItIsWritten() {
        Schema unknown = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"Unknown\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}");
        var payload = new Record(unknown);
        payload.put("a", 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.encode(payload))
                .withMessageContaining("schema Unknown with fingerprint")
                .withMessageContaining("put its file there");
    }

    // The fingerprint leaves logical types out: read with another scale the same bytes are another number.
    @Test
    void sameFingerprintWithAnotherScaleIsRefusedWhenItIsWritten() {
        String text = schemas.with(SchemaMark.on(codec.encode(everything()))).toString();
        Schema other = new Schema.Parser().parse(text.replace("\"scale\":4", "\"scale\":3"));
        Record payload = everything();
        var copy = new Record(other);
        other.getFields().forEach(field -> copy.put(field.name(), payload.get(field.name())));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.encode(copy))
                .withMessageContaining("has other logical types");
    }

    @Test
    void filesThatDifferInLogicalTypesOnlyAreAMistake(@TempDir Path directory) throws IOException {
        String decimal = "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"bytes\","
                + "\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}}]}";
        Files.writeString(directory.resolve("1.avsc"), decimal);
        Files.writeString(directory.resolve("2.avsc"), decimal);
        Files.writeString(directory.resolve("3.avsc"), decimal.replace("\"scale\":2", "\"scale\":3"));

        assertThat(read("file:" + directory + "/*.avsc").mistakes())
                .singleElement()
                .asString()
                .contains("differ in their logical types only", "3.avsc", ". Next: ");
    }

    // A schema that was read before the factory of its logical type was registered does not know it.
    @Test
    void logicalTypesAreComparedByWhatIsWrittenInTheSchema(@TempDir Path directory) throws IOException {
        String money = "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"long\","
                + "\"logicalType\":\"cents\"}}]}";
        Files.writeString(directory.resolve("1.avsc"), money);
        Files.writeString(directory.resolve("2.avsc"), money.replace("cents", "mills"));

        assertThat(read("file:" + directory + "/*.avsc").mistakes())
                .singleElement()
                .asString()
                .contains("differ in their logical types only");
    }

    @Test
    void filesThatAreNoRecordSchemasAreMistakes(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("1.avsc"), "{\"type\":");
        Files.writeString(directory.resolve("2.avsc"), "\"string\"");
        String record = "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"a\",\"type\":%s}]}";
        Files.writeString(directory.resolve("3.avsc"), record.formatted("\"Elsewhere\""));
        Files.writeString(directory.resolve("4.avsc"), record.formatted("\"int\",\"default\":\"none\""));
        Files.writeString(directory.resolve("5.avsc"), record.formatted("[\"int\",\"int\"]"));

        assertThat(read("file:" + directory + "/*.avsc").mistakes())
                .satisfiesExactlyInAnyOrder(
                        m -> assertThat(m).contains("1.avsc", "is no Avro schema", ". Next: "),
                        m -> assertThat(m).contains("2.avsc", "of type string, expected a record. Next: "),
                        m -> assertThat(m).contains("3.avsc", "is no Avro schema", ". Next: "),
                        m -> assertThat(m).contains("4.avsc", "is no Avro schema", ". Next: "),
                        m -> assertThat(m).contains("5.avsc", "is no Avro schema", ". Next: "));
        assertThat(read("classpath:nowhere/*.avsc").mistakes())
                .singleElement()
                .asString()
                .contains("'classpath:nowhere/*.avsc', but there is no such file");
    }

    private static AvroSchemas read(String pattern) {
        return AvroSchemas.read(List.of(pattern), new PathMatchingResourcePatternResolver());
    }

    private Record everything() {
        Schema schema = new Schema.Parser().parse(text());
        var line = new Record(schema.getField("lines").schema().getElementType());
        line.put("sku", "東京 😀");
        var record = new Record(schema);
        record.put("amount", new BigDecimal("1234567890123456789012345678.1000"));
        record.put("fixed_amount", new BigDecimal("-1.50"));
        record.put("micros", Instant.parse("1969-12-31T23:59:59.999999Z"));
        record.put("millis", Instant.parse("2026-11-21T10:00:00.001Z"));
        record.put("local", LocalDateTime.parse("2026-11-21T10:00:00.000001"));
        record.put("day", LocalDate.parse("2026-11-21"));
        record.put("clock", LocalTime.parse("10:00:00.000001"));
        record.put("free_amount", new BigDecimal("-0.000000000000000000000000000001230"));
        record.put("nanos", Instant.parse("1969-12-31T23:59:59.999999999Z"));
        record.put("local_nanos", LocalDateTime.parse("1969-12-31T23:59:59.000000001"));
        record.put("either", new BigDecimal("1.20"));
        record.put("id", ID);
        record.put("whole", Long.MAX_VALUE);
        record.put("fraction", 0.1d);
        record.put("small", 0.1f);
        record.put("bytes", ByteBuffer.wrap(new byte[] {0, -1}));
        record.put("kind", new GenericData.EnumSymbol(schema.getField("kind").schema(), "OLD"));
        record.put("lines", List.of(line));
        record.put("labels", Map.of("a", "b"));
        record.put("yes", true);
        return record;
    }

    private static String text() {
        try (var in = AvroPayloadCodecTest.class.getResourceAsStream("/avro/everything.avsc")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
