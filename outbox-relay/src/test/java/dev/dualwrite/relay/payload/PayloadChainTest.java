package dev.dualwrite.relay.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.relay.retry.FailureClassifier;
import dev.dualwrite.relay.sink.KnownPayloads;
import java.io.IOException;
import java.sql.SQLTransientException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PayloadChainTest {

    private static final KnownPayloads ANYTHING = KnownPayloads.upTo(Map.of());
    private static final Upcasters NONE = new Upcasters(List.of());

    private final List<ClaimedEntry> applied = new ArrayList<>();

    @Test
    void payloadThatHasNothingToGoThroughIsNotTouched() throws Exception {
        ClaimedEntry entry = entry("order", 1, "{ \"a\" : 1.10 }");

        apply(new PayloadChain(List.of(), NONE, ANYTHING, null), entry);

        assertThat(applied.get(0)).isSameAs(entry);
    }

    @Test
    void olderPayloadIsLiftedWithEveryDigitAndInTheOrderOfItsFields() throws Exception {
        apply(
                chain(step(1, payload -> {
                    payload.put("added", true);
                    return payload;
                })),
                entry(
                        "order",
                        1,
                        "{\"z\":1.10,\"a\":[1e400,-0.000001,12345678901234567890123],\"n\":null,\"t\":\"東京 😀\"}"));

        assertThat(json(0))
                .isEqualTo("{\"z\":1.10,\"a\":[1E+400,-0.000001,12345678901234567890123],\"n\":null,\"t\":\"東京 😀\","
                        + "\"added\":true}");
        assertThat(applied.get(0).schemaVersion()).isEqualTo(2);
    }

    @Test
    void thousandLevelsPassAndMoreAreRejectedByTheirNumber() throws Exception {
        List<ApplyResult> results = apply(
                chain(step(1, payload -> payload)), entry("order", 1, nested(999)), entry("order", 1, nested(1000)));

        assertThat(results.get(0)).isEqualTo(ApplyResult.applied());
        assertThat(json(0)).isEqualTo(nested(999));
        assertThat(results.get(1))
                .isInstanceOfSatisfying(
                        ApplyResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("at most 1000 levels"));
    }

    /** So many arrays in an object. */
    private static String nested(int arrays) {
        return "{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
    }

    // The sink says what it makes of it; here it must not become a question mark.
    @Test
    void halfOfASurrogatePairStaysOne() throws Exception {
        apply(chain(step(1, payload -> payload)), entry("order", 1, "{\"a\":\"\\uD800\"}"));

        assertThat(json(0)).isEqualTo("{\"a\":\"\\uD800\"}");
    }

    @Test
    void newestVersionIsNotTouchedByUpcasters() throws Exception {
        ClaimedEntry entry = entry("order", 2, "{}");

        apply(chain(step(1, payload -> payload)), entry);

        assertThat(applied.get(0)).isSameAs(entry);
    }

    @Test
    void versionBeyondTheUpcastersIsUnknown() throws Exception {
        List<ApplyResult> results = apply(chain(step(1, payload -> payload)), entry("order", 3, "{}"));

        assertThat(results)
                .containsExactly(
                        ApplyResult.unknown("schema version of payload type 'order' is 3, this sink knows it up to 2"));
        assertThat(applied).isEmpty();
    }

    @Test
    void liftedPayloadIsCheckedAgainstWhatTheSinkKnows() throws Exception {
        var chain = new PayloadChain(
                List.of(),
                new Upcasters(List.of(step(1, payload -> payload))),
                KnownPayloads.only(Map.of("order", 2)),
                null);

        assertThat(apply(chain, entry("order", 1, "{}"), entry("refund", 1, "{}")))
                .containsExactly(
                        ApplyResult.applied(),
                        ApplyResult.unknown("payload type is 'refund', this sink knows [order]"));
    }

    @Test
    void versionBeforeTheUpcastersIsRejected() throws Exception {
        assertThat(apply(chain(step(2, payload -> payload)), entry("order", 1, "{}")))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("'order' version 1"));
    }

    @Test
    void entryOnWhichAnUpcasterFailsIsRejectedAndTheOthersGoOn() throws Exception {
        PayloadChain chain = chain(step(1, payload -> {
            Integer.parseInt((String) payload.get("n"));
            return payload;
        }));

        List<ApplyResult> results = apply(
                chain,
                entry("order", 1, "{\"n\":\"1\"}"),
                entry("order", 1, "{\"n\":\"s3cret\"}"),
                entry("order", 1, "{\"n\":\"3\"}"));

        assertThat(results.get(0)).isEqualTo(ApplyResult.applied());
        assertThat(results.get(2)).isEqualTo(ApplyResult.applied());
        assertThat(((ApplyResult.Rejected) results.get(1)).reason())
                .contains("payload type 'order' version 1: upcaster ", "java.lang.NumberFormatException at ")
                .doesNotContain("s3cret");
    }

    @Test
    void payloadThatIsNoJsonIsRejectedWithoutBeingQuoted() throws Exception {
        List<ApplyResult> results = apply(
                chain(step(1, payload -> payload)),
                entry("order", 1, "s3cret"),
                entry("order", 1, "[\"s3cret\"]"),
                entry("order", 1, "{} s3cret"),
                entry("order", 1, ""));

        assertThat(results)
                .hasSize(4)
                .allSatisfy(result -> assertThat(result)
                        .isInstanceOfSatisfying(
                                ApplyResult.Rejected.class,
                                rejected -> assertThat(rejected.reason())
                                        .startsWith("payload type 'order' version 1: ")
                                        .doesNotContain("s3cret")));
    }

    @Test
    void projectionGivesAnotherShapeOrNoPlaceAtAll() throws Exception {
        var chain = new PayloadChain(
                List.of(),
                NONE,
                ANYTHING,
                projection(source -> Boolean.TRUE.equals(source.state().get("draft"))
                        ? Optional.empty()
                        : Optional.of(Map.of("key", source.aggregate().id(), "n", 7))));

        apply(chain, entry("order", 1, "{\"draft\":false}"), entry("order", 1, "{\"draft\":true}"));

        assertThat(json(0)).isIn("{\"key\":\"1\",\"n\":7}", "{\"n\":7,\"key\":\"1\"}");
        assertThat(applied.get(1).operation()).isEqualTo(Operation.DELETE);
        assertThat(applied.get(1).payload()).isNull();
    }

    @Test
    void projectionSeesTheNewestVersion() throws Exception {
        var chain = new PayloadChain(
                List.of(),
                new Upcasters(List.of(step(1, payload -> Map.of("lifted", "yes")))),
                ANYTHING,
                projection(source -> Optional.of(Map.of("was", source.state().get("lifted")))));

        apply(chain, entry("order", 1, "{}"));

        assertThat(json(0)).isEqualTo("{\"was\":\"yes\"}");
    }

    @Test
    void entryOnWhichTheProjectionFailsIsRejectedWithoutItsPayload() throws Exception {
        var chain = new PayloadChain(List.of(), NONE, ANYTHING, projection(source -> {
            throw new IllegalStateException("s3cret");
        }));

        assertThat(((ApplyResult.Rejected) apply(chain, entry("order", 1, "{}")).get(0)).reason())
                .contains("projection 'shape' version 4 fails on it, java.lang.IllegalStateException at ")
                .doesNotContain("s3cret");
    }

    @Test
    void decodedPayloadIsJsonForTheSink() throws Exception {
        var chain = new PayloadChain(List.of(new Marked()), NONE, ANYTHING, null);

        apply(chain, entry("order", 1, "#a"), entry("order", 1, "{}"));

        assertThat(json(0)).isEqualTo("{\"text\":\"#a\"}");
        assertThat(json(1)).isEqualTo("{}");
    }

    @Test
    void schemaThatTheDecoderDoesNotKnowIsUnknownAndBrokenBytesAreRejected() throws Exception {
        var chain = new PayloadChain(List.of(new Marked()), NONE, ANYTHING, null);

        List<ApplyResult> results = apply(chain, entry("order", 1, "#?"), entry("order", 1, "#!s3cret"));

        assertThat(results.get(0)).isEqualTo(ApplyResult.unknown("schema 7 is not known"));
        assertThat(((ApplyResult.Rejected) results.get(1)).reason())
                .contains("it cannot be decoded, java.lang.IllegalStateException at ")
                .doesNotContain("s3cret");
    }

    @Test
    void sinkThatTakesEncodedPayloadsGetsThemUnlessTheyMustBeLifted() throws Exception {
        var taking = new Sink() {
            @Override
            public List<ApplyResult> apply(List<ClaimedEntry> entries) {
                applied.addAll(entries);
                return entries.stream().map(entry -> ApplyResult.applied()).toList();
            }

            @Override
            public boolean takesEncodedPayloads() {
                return true;
            }
        };
        var upcasters = new Upcasters(List.of(step(1, payload -> payload)));
        ClaimedEntry newest = entry("order", 2, "#a");
        byte[] avro = {(byte) 0xC3, 1, 0};

        new PayloadChain(List.of(new Marked()), upcasters, ANYTHING, null)
                .around(taking)
                .apply(List.of(newest, entry("order", 1, "#a"), entry("order", 2, avro)));

        assertThat(applied.get(0)).isSameAs(newest);
        assertThat(json(1)).isEqualTo("{\"text\":\"#a\"}");
        assertThat(applied.get(2).payload()).isSameAs(avro);
        assertThat(new PayloadChain(List.of(), NONE, ANYTHING, null).around(taking))
                .isSameAs(taking);
    }

    @Test
    void chainOfNothingGivesTheSinkTheBatchAsItIs() throws Exception {
        List<ClaimedEntry> batch =
                List.of(entry("order", 1, "{}"), entry("order", 1, "{}").asDeletion());
        var seen = new ArrayList<List<ClaimedEntry>>();

        new PayloadChain(List.of(), NONE, ANYTHING, null)
                .around(entries -> {
                    seen.add(entries);
                    return List.of(ApplyResult.applied(), ApplyResult.applied());
                })
                .apply(batch);

        assertThat(seen).singleElement().isSameAs(batch);
    }

    @Test
    void avroWithoutADecoderIsUnknown() throws Exception {
        var chain = new PayloadChain(List.of(), NONE, ANYTHING, null);
        byte[] avro = {(byte) 0xC3, 1, 0, 0, 0, 0, 0, 0, 0, 0};

        assertThat(apply(chain, entry("order", 1, avro)).get(0))
                .isInstanceOfSatisfying(
                        ApplyResult.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("set dualwrite.avro.schemas"));
    }

    @Test
    void deletionPassesWhateverTheChain() throws Exception {
        var deletion = entry("order", 9, new byte[0]).asDeletion();

        apply(chain(step(1, payload -> payload)), deletion);

        assertThat(applied).containsExactly(deletion);
    }

    @Test
    void sinkThatAnswersForTheWholeBatchAlthoughItWasAskedForLessIsAtFault() {
        PayloadChain chain = chain(step(1, payload -> payload));
        List<ClaimedEntry> batch = List.of(entry("order", 3, "{}"), entry("order", 2, "{}"), entry("order", 2, "{}"));
        List<ApplyResult> asManyAsTheBatch = List.of(ApplyResult.applied(), ApplyResult.applied(), ApplyResult.stale());

        assertThatThrownBy(() -> chain.around(entries -> asManyAsTheBatch).apply(batch))
                .isInstanceOf(OutboxConfigurationException.class)
                .hasMessageContaining("answered 3 results, expected one result for each of 2 entries, of a batch of 3.")
                .satisfies(failure ->
                        assertThat(FailureClassifier.isStoreFailure(failure)).isTrue());
        assertThatThrownBy(() -> chain.around(entries -> null).apply(batch))
                .isInstanceOf(OutboxConfigurationException.class)
                .hasMessageContaining("answered null, expected one result for each of 2 entries");
    }

    // A sink's SQLException or IOException means that its store is down. One payload must not make it look so.
    @Test
    void whateverOnePayloadProvokesIsRejectedAndNotTheStoresFault() throws Exception {
        for (Throwable failure : List.of(
                new SQLTransientException("s3cret"),
                new IOException("s3cret"),
                new StackOverflowError("s3cret"),
                new NoClassDefFoundError("s3cret"),
                new AssertionError("s3cret"))) {
            PayloadChain upcasting = chain(step(1, payload -> {
                throw PayloadChainTest.<RuntimeException>raise(failure);
            }));
            var projecting = new PayloadChain(List.of(), NONE, ANYTHING, projection(source -> {
                throw PayloadChainTest.<RuntimeException>raise(failure);
            }));
            var recognising = new PayloadChain(List.of(new Raising(failure, null)), NONE, ANYTHING, null);
            var decoding = new PayloadChain(List.of(new Raising(null, failure)), NONE, ANYTHING, null);

            assertThat(List.of(upcasting, projecting, recognising, decoding))
                    .allSatisfy(chain -> assertThat(apply(chain, entry("order", 1, "{}")))
                            .singleElement()
                            .isInstanceOfSatisfying(
                                    ApplyResult.Rejected.class,
                                    rejected -> assertThat(rejected.reason())
                                            .contains(failure.getClass().getName())
                                            .doesNotContain("s3cret")));
        }
    }

    @Test
    void answerThatIsNoJsonIsRejectedWithThePlaceOfItsValue() throws Exception {
        Map<String, Object> answer = Map.of("lines", List.of(Map.of("due", Instant.EPOCH)));
        PayloadDecoder decoder = new PayloadDecoder() {
            @Override
            public boolean recognises(byte[] payload) {
                return true;
            }

            @Override
            public Object decode(byte[] payload) {
                return answer;
            }
        };

        assertThat(List.of(
                        chain(step(1, payload -> answer)),
                        new PayloadChain(List.of(), NONE, ANYTHING, projection(source -> Optional.of(answer))),
                        new PayloadChain(List.of(decoder), NONE, ANYTHING, null)))
                .allSatisfy(chain -> assertThat(((ApplyResult.Rejected)
                                        apply(chain, entry("order", 1, "{}")).get(0))
                                .reason())
                        .contains(
                                "the value at '/lines/0/due' is a java.time.Instant, expected a Map with String keys"));
    }

    @Test
    void upcasterThatAnswersNullIsRejectedWithThatReason() throws Exception {
        assertThat(((ApplyResult.Rejected) apply(chain(step(1, payload -> null)), entry("order", 1, "{}"))
                                .get(0))
                        .reason())
                .contains("upcaster ", "the tree is null, expected a Map");
    }

    @SuppressWarnings("unchecked") // that is how an undeclared exception is thrown
    private static <E extends Throwable> RuntimeException raise(Throwable failure) throws E {
        throw (E) failure;
    }

    private List<ApplyResult> apply(PayloadChain chain, ClaimedEntry... entries) throws Exception {
        return chain.around(batch -> {
                    applied.addAll(batch);
                    return batch.stream().map(entry -> ApplyResult.applied()).toList();
                })
                .apply(List.of(entries));
    }

    private String json(int index) {
        return new String(applied.get(index).payload(), UTF_8);
    }

    private static PayloadChain chain(Upcaster... steps) {
        var upcasters = new Upcasters(List.of(steps));
        return new PayloadChain(List.of(), upcasters, KnownPayloads.upTo(upcasters.newestVersions()), null);
    }

    private static Upcaster step(int from, UnaryOperator<Map<String, Object>> lift) {
        return new Upcaster() {
            @Override
            public String payloadType() {
                return "order";
            }

            @Override
            public int fromVersion() {
                return from;
            }

            @Override
            public Map<String, Object> upcast(Map<String, Object> payload) {
                return lift.apply(payload);
            }
        };
    }

    private static Projection projection(Function<Projection.Source, Optional<Map<String, Object>>> function) {
        return new Projection() {
            @Override
            public String name() {
                return "shape";
            }

            @Override
            public int version() {
                return 4;
            }

            @Override
            public Map<String, Integer> takes() {
                return Map.of("order", 2);
            }

            @Override
            public Optional<Map<String, Object>> project(Source source) {
                return function.apply(source);
            }

            @Override
            public List<Source> samples() {
                return List.of();
            }
        };
    }

    private static ClaimedEntry entry(String type, int version, String payload) {
        return entry(type, version, payload.getBytes(UTF_8));
    }

    private static ClaimedEntry entry(String type, int version, byte[] payload) {
        return new ClaimedEntry(
                new Version(1),
                0,
                Aggregate.of("order", 1),
                Operation.UPSERT,
                payload,
                type,
                version,
                Map.of(),
                Instant.EPOCH);
    }

    private record Raising(Throwable recognising, Throwable decoding) implements PayloadDecoder {
        @Override
        public boolean recognises(byte[] payload) {
            if (recognising != null) {
                throw PayloadChainTest.<RuntimeException>raise(recognising);
            }
            return true;
        }

        @Override
        public Object decode(byte[] payload) {
            throw PayloadChainTest.<RuntimeException>raise(decoding);
        }
    }

    private static final class Marked implements PayloadDecoder {
        @Override
        public boolean recognises(byte[] payload) {
            return payload.length > 0 && payload[0] == '#';
        }

        @Override
        public Object decode(byte[] payload) throws UnknownSchemaException {
            String text = new String(payload, UTF_8);
            if (text.startsWith("#?")) {
                throw new UnknownSchemaException("schema 7 is not known");
            }
            if (text.startsWith("#!")) {
                throw new IllegalStateException(text);
            }
            return Map.of("text", text);
        }
    }
}
