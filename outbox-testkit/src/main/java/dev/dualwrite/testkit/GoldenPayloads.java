package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.outbox.spi.Upcasters.TypeVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory of golden files, one for each version of a payload type that was ever released, and what they prove: that today's
 * class still writes the newest version, and that every older one can still be read. The files are named {@code
 * <payload type>-v<version>.json}, or {@code .avro} with a decoder; a character of the type that is not fit for a file's name, such
 * as a slash, is there as {@code %2F}.
 *
 * <p>Immutable: each call gives another one. Reads files; writes none.
 */
public final class GoldenPayloads {

    private final Path directory;
    private final PayloadCodec codec;
    private final @Nullable PayloadDecoder decoder;
    private final List<Upcaster> upcasters;
    private final Map<Integer, Object> expected;

    private GoldenPayloads(
            Path directory,
            PayloadCodec codec,
            @Nullable PayloadDecoder decoder,
            List<Upcaster> upcasters,
            Map<Integer, Object> expected) {
        this.directory = directory;
        this.codec = codec;
        this.decoder = decoder;
        this.upcasters = upcasters;
        this.expected = expected;
    }

    /** The golden files of a directory, and the codec that the service writes its payloads with. */
    public static GoldenPayloads in(Path directory, PayloadCodec codec) {
        return new GoldenPayloads(directory, codec, null, List.of(), Map.of());
    }

    /** For a codec that does not write JSON: what reads its bytes. */
    public GoldenPayloads decodedBy(PayloadDecoder decoder) {
        return new GoldenPayloads(directory, codec, decoder, upcasters, expected);
    }

    /** The upcasters of the relay, all of them: those of other payload types do no harm. */
    public GoldenPayloads upcastBy(Collection<? extends Upcaster> upcasters) {
        return new GoldenPayloads(directory, codec, decoder, List.copyOf(upcasters), expected);
    }

    /**
     * What the file of an older version must become, where that is not the sample: it could not say what later versions can.
     *
     * @param newest an object of today's class
     */
    public GoldenPayloads expecting(int version, Object newest) {
        var more = new TreeMap<>(expected);
        more.put(version, newest);
        return new GoldenPayloads(directory, codec, decoder, upcasters, more);
    }

    /**
     * Checks the payload type that the sample's class states by {@link dev.dualwrite.outbox.PayloadType}.
     *
     * @param sample the object that the newest file was written from
     * @throws AssertionError with everything that is wrong and what to do about each
     */
    public void check(Object sample) {
        // The type of an entry with this aggregate, if the class states none, is nobody's.
        OutboxEntry stated = OutboxEntry.upsert(new Aggregate("-", "1"), sample).typedBy(sample);
        if (stated.payloadType().equals("-")) {
            throw new IllegalArgumentException(sample.getClass().getName()
                    + " states no payload type, expected @PayloadType on it; or call check(type, version, sample)");
        }
        check(stated.payloadType(), stated.schemaVersion(), sample);
    }

    /**
     * As {@link #check(Object)}, for a class that states nothing.
     *
     * @param version the newest one, what today's code writes
     */
    public void check(String type, int version, Object sample) {
        var files = new GoldenFiles(directory, decoder);
        var check = new GoldenCheck(
                files, new GoldenCheck.Newest(new TypeVersion(type, version), codec.encode(sample)), upcasters);
        var findings = new ArrayList<>(check.newest());
        Map<Integer, byte[]> wanted = new TreeMap<>();
        expected.forEach((older, object) -> wanted.put(older, codec.encode(object)));
        findings.addAll(check.older(wanted));
        if (!findings.isEmpty()) {
            throw new AssertionError("golden files of payload type '" + type + "' in " + directory + ":\n- "
                    + String.join("\n- ", findings));
        }
    }
}
