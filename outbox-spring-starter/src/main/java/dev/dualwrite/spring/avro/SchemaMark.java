package dev.dualwrite.spring.avro;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * What Avro's single-object encoding puts before a value: two bytes that no JSON begins with, and the fingerprint of the schema that
 * it was written with, 64 bits of CRC-64-AVRO, the lowest byte first. Immutable.
 *
 * @param fingerprint of the schema in its parsing canonical form
 */
record SchemaMark(long fingerprint) {

    static final int LENGTH = 10;

    private static final byte FIRST = (byte) 0xC3;
    private static final byte SECOND = 1;

    static SchemaMark of(Schema schema) {
        return new SchemaMark(SchemaNormalization.parsingFingerprint64(schema));
    }

    /** Whether a payload begins with one. */
    static boolean isOn(byte[] payload) {
        return payload.length >= LENGTH && payload[0] == FIRST && payload[1] == SECOND;
    }

    static SchemaMark on(byte[] payload) {
        return new SchemaMark(
                ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getLong(2));
    }

    byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(FIRST)
                .put(SECOND)
                .putLong(fingerprint)
                .array();
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(fingerprint);
    }
}
