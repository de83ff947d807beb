package dev.dualwrite.relay.payload;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.FailurePlace;
import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.PayloadDecoder.UnknownSchemaException;
import dev.dualwrite.outbox.spi.PayloadTree;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Projection.Source;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader.State;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.outbox.spi.Upcasters.TypeVersion;
import dev.dualwrite.outbox.spi.Upcasters.UpcastException;
import dev.dualwrite.relay.sink.KnownPayloads;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way of a payload to one secondary: decoded, lifted to the newest version, checked against what the secondary's mapping
 * knows, projected. Whoever writes to that secondary or compares with it takes the same chain. It is parsed once for all steps, and
 * left as it is if there is none to take. Immutable; thread-safe; no I/O.
 */
public final class PayloadChain {

    private final List<PayloadDecoder> decoders;
    private final Upcasters upcasters;
    private final KnownPayloads known;
    private final @Nullable Projection projection;

    /**
     * The chain of one sink.
     *
     * @param decoders the first that recognises a payload reads it; JSON needs none
     */
    public PayloadChain(
            List<PayloadDecoder> decoders, Upcasters upcasters, KnownPayloads known, @Nullable Projection projection) {
        this.decoders = List.copyOf(decoders);
        this.upcasters = upcasters;
        this.known = known;
        this.projection = projection;
    }

    /** A sink at the end of this chain. As thread-safe as that sink. */
    public Sink around(Sink sink) {
        return isNothing() && sink.takesEncodedPayloads() ? sink : new ShapedSink(sink, this);
    }

    /** Whether a payload reaches the secondary as it is. */
    boolean leaves(byte @Nullable [] payload) {
        return isNothing() && (payload == null || !isAvro(payload));
    }

    private boolean isNothing() {
        return decoders.isEmpty() && upcasters.isEmpty() && known.isEverything() && projection == null;
    }

    /** The state of an aggregate as the secondary should have it. Never throws because of the payload. */
    public Shaped shape(Aggregate aggregate, State state) {
        return shape(aggregate, state, false);
    }

    /** As {@link #shape(Aggregate, State)}; what needs no other change may stay as the codec wrote it. */
    Shaped shape(Aggregate aggregate, State state, boolean encoded) {
        var written = new TypeVersion(state.payloadType(), state.schemaVersion());
        TypeVersion newest = upcasters.newest(written);
        ApplyResult refusal = refusal(written, newest);
        if (refusal != null) {
            return new Shaped.Refused(refusal);
        }
        boolean ready = newest.equals(written) && projection == null;
        try {
            PayloadDecoder decoder = ready && encoded ? null : decoder(state.payload());
            if (decoder == null && ready) {
                return new Shaped.Ready(state);
            }
            Object tree = decoder == null ? JsonTrees.read(state.payload()) : decoded(decoder, state.payload());
            if (!newest.equals(written)) {
                tree = upcasters.upcast(written, object(tree));
            }
            if (projection != null) {
                tree = projected(projection, new Source(aggregate, object(tree)));
                if (tree == null) {
                    return Shaped.Gone.INSTANCE;
                }
            }
            return new Shaped.Ready(new State(JsonTrees.write(tree), newest.type(), newest.version()));
        } catch (UnknownSchemaException e) {
            return new Shaped.Refused(ApplyResult.unknown(String.valueOf(e.getMessage())));
        } catch (UnfitPayloadException | UpcastException e) {
            return new Shaped.Refused(ApplyResult.rejected("payload type " + written + ": " + e.getMessage()));
        }
    }

    private @Nullable ApplyResult refusal(TypeVersion written, TypeVersion newest) {
        if (upcasters.beginsAfter(written)) {
            return ApplyResult.rejected("upcasters take later versions of payload type " + written
                    + ", but none takes this one, expected one that lifts it");
        }
        String unknown = known.unknown(newest.type(), newest.version());
        return unknown == null ? null : ApplyResult.unknown(unknown);
    }

    private @Nullable PayloadDecoder decoder(byte[] payload) throws UnknownSchemaException, UnfitPayloadException {
        for (PayloadDecoder decoder : decoders) {
            if (recognises(decoder, payload)) {
                return decoder;
            }
        }
        if (isAvro(payload)) {
            throw new UnknownSchemaException("payload is Avro in its single-object encoding, and no PayloadDecoder here"
                    + " reads that, expected JSON or a decoder; set dualwrite.avro.schemas");
        }
        return null;
    }

    /** In its single-object encoding; no JSON begins like that. */
    private static boolean isAvro(byte[] payload) {
        return payload.length > 1 && payload[0] == (byte) 0xC3 && payload[1] == 1;
    }

    private static boolean recognises(PayloadDecoder decoder, byte[] payload) throws UnfitPayloadException {
        try {
            return decoder.recognises(payload);
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw new UnfitPayloadException("it cannot be decoded, " + FailurePlace.of(e));
        }
    }

    private static @Nullable Object decoded(PayloadDecoder decoder, byte[] payload)
            throws UnknownSchemaException, UnfitPayloadException {
        Object tree;
        try {
            tree = decoder.decode(payload);
        } catch (UnknownSchemaException e) {
            throw e;
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            // Whatever a decoder throws means broken bytes; not its message, which may quote them.
            throw new UnfitPayloadException("it cannot be decoded, " + FailurePlace.of(e));
        }
        try {
            return PayloadTree.copy(tree);
        } catch (RuntimeException e) {
            throw new UnfitPayloadException("it cannot be decoded, " + PayloadTree.problem(e));
        }
    }

    private static @Nullable Object projected(Projection projection, Source source) throws UnfitPayloadException {
        Map<String, @Nullable Object> answer;
        try {
            answer = projection.project(source).orElse(null);
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            // An exception of a sink can mean that its store is down: one payload must not make it look so.
            throw unfit(projection, FailurePlace.of(e));
        }
        try {
            return answer == null ? null : PayloadTree.copyObject(answer);
        } catch (RuntimeException e) {
            throw unfit(projection, PayloadTree.problem(e));
        }
    }

    private static UnfitPayloadException unfit(Projection projection, String problem) {
        return new UnfitPayloadException(
                "projection '" + projection.name() + "' version " + projection.version() + " fails on it, " + problem);
    }

    @SuppressWarnings("unchecked") // trees have no other maps
    private static Map<String, @Nullable Object> object(@Nullable Object tree) throws UnfitPayloadException {
        if (tree instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new UnfitPayloadException("it is no JSON object, expected one for upcasters and projections");
    }
}
