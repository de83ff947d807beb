package dev.dualwrite.spring.avro;

import dev.dualwrite.outbox.spi.PayloadDecoder;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/** Reads what {@link AvroPayloadCodec} wrote, with the schema that it was written with. Thread-safe; no I/O. */
final class AvroPayloadDecoder implements PayloadDecoder {

    private final AvroSchemas schemas;

    private final Map<SchemaMark, DatumReader<Object>> readers = new ConcurrentHashMap<>();

    AvroPayloadDecoder(AvroSchemas schemas) {
        this.schemas = schemas;
    }

    @Override
    public boolean recognises(byte[] payload) {
        return SchemaMark.isOn(payload);
    }

    @Override
    public @Nullable Object decode(byte[] payload) throws UnknownSchemaException, IOException {
        SchemaMark mark = SchemaMark.on(payload);
        Schema schema = schemas.with(mark);
        if (schema == null) {
            throw new UnknownSchemaException("payload is Avro with schema fingerprint " + mark
                    + ", which is not among those of dualwrite.avro.schemas, they are " + schemas.names()
                    + "; put the file of that schema there");
        }
        int length = payload.length - SchemaMark.LENGTH;
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(payload, SchemaMark.LENGTH, length, null);
        Object value = reader(mark, schema).read(null, decoder);
        if (!decoder.isEnd()) {
            throw new IOException("payload has bytes behind its end");
        }
        return AvroTree.of(schema, value);
    }

    /** Thread-safe, and dear to make. There are no more of them than schemas. */
    private DatumReader<Object> reader(SchemaMark mark, Schema schema) {
        return readers.computeIfAbsent(mark, unknown -> new GenericDatumReader<>(schema, schema, RawData.INSTANCE));
    }
}
