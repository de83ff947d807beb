package dev.dualwrite.spring.avro;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions.LocalTimestampNanosConversion;
import org.apache.avro.data.TimeConversions.TimestampNanosConversion;

/** Nanoseconds as they are: Avro 1.12.1 writes those before 1970 too late by 999 ms. Thread-safe; no I/O. */
final class ExactNanos extends TimestampNanosConversion {

    private static long since1970(Instant value) {
        return Math.addExact(Math.multiplyExact(value.getEpochSecond(), 1_000_000_000L), value.getNano());
    }

    @Override
    public Long toLong(Instant value, Schema schema, LogicalType type) {
        return since1970(value);
    }

    /** The same without a zone. */
    static final class Local extends LocalTimestampNanosConversion {

        @Override
        public Long toLong(LocalDateTime value, Schema schema, LogicalType type) {
            return since1970(value.toInstant(ZoneOffset.UTC));
        }
    }
}
