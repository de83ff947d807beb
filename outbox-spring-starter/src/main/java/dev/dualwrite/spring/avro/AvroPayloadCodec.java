package dev.dualwrite.spring.avro;

import dev.dualwrite.outbox.spi.PayloadCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes Avro records in Avro's single-object encoding, and everything else as the other codec does. A record whose schema is not
 * among the known ones is refused: no relay could read it. Thread-safe; no I/O.
 */
final class AvroPayloadCodec implements PayloadCodec {

    private final AvroSchemas schemas;
    private final PayloadCodec others;
    private final GenericData generic = new GenericData();
    private final Map<Schema, SchemaMark> known = new ConcurrentHashMap<>();

    AvroPayloadCodec(AvroSchemas schemas, PayloadCodec others) {
        this.schemas = schemas;
        this.others = others;
        generic.addLogicalTypeConversion(new Conversions.DecimalConversion());
        generic.addLogicalTypeConversion(new Conversions.BigDecimalConversion());
        generic.addLogicalTypeConversion(new Conversions.UUIDConversion());
        generic.addLogicalTypeConversion(new TimeConversions.DateConversion());
        generic.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
        generic.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
        generic.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        generic.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        generic.addLogicalTypeConversion(new ExactNanos());
        generic.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
        generic.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
        generic.addLogicalTypeConversion(new ExactNanos.Local());
    }

    @Override
    public byte[] encode(Object payload) {
        return payload instanceof IndexedRecord written ? encode(written) : others.encode(payload);
    }

    private byte[] encode(IndexedRecord payload) {
        Schema schema = payload.getSchema();
        SchemaMark mark = known.computeIfAbsent(schema, this::markOf);
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(mark.bytes());
        try {
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            writer(payload, schema).write(payload, encoder);
            encoder.flush();
        } catch (AvroRuntimeException | ClassCastException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "a value of Avro record " + schema.getFullName() + " does not fit its schema: " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @SuppressWarnings("unchecked") // a writer takes what its model describes
    private DatumWriter<IndexedRecord> writer(IndexedRecord payload, Schema schema) {
        GenericData model = payload instanceof SpecificRecord ? SpecificData.getForClass(payload.getClass()) : generic;
        return (DatumWriter<IndexedRecord>) model.createDatumWriter(schema);
    }

    private SchemaMark markOf(Schema schema) {
        SchemaMark mark = SchemaMark.of(schema);
        Schema same = schemas.with(mark);
        if (same == null) {
            throw new IllegalArgumentException("schema " + schema.getFullName() + " with fingerprint " + mark
                    + " is not among those of dualwrite.avro.schemas, which are " + schemas.names()
                    + "; put its file there, in the relay as well");
        }
        if (!LogicalTypes.of(same).equals(LogicalTypes.of(schema))) {
            throw new IllegalArgumentException(
                    "schema " + schema.getFullName() + " has other logical types than the one"
                            + " of dualwrite.avro.schemas with the same fingerprint " + mark
                            + ", so it would be read wrongly; make the two equal");
        }
        return mark;
    }
}
