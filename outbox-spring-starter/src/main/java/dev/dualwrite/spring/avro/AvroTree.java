package dev.dualwrite.spring.avro;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro's raw values as the tree that JSON can say. Exact: decimals keep their scale, times all their digits, in the forms of ISO 8601.
 * Bytes become Base64; NaN and the infinities, which JSON has no number for, their names; a union what is in it. An unknown
 * logical type counts as the type below it, as Avro has it. Pure.
 */
final class AvroTree {

    private AvroTree() {}

    static @Nullable Object of(Schema schema, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (schema.getType()) {
            case RECORD -> fields(schema, (IndexedRecord) value);
            case ARRAY -> elements(schema.getElementType(), (Collection<?>) value);
            case MAP -> values(schema.getValueType(), (Map<?, ?>) value);
            case UNION -> {
                int branch = RawData.INSTANCE.resolveUnion(schema, value);
                yield of(schema.getTypes().get(branch), value);
            }
            case INT -> whole(schema, ((Integer) value).longValue());
            case LONG -> whole(schema, (Long) value);
            case FLOAT, DOUBLE -> fraction((Number) value);
            case BYTES -> bytes(schema, copy((ByteBuffer) value));
            case FIXED -> bytes(schema, ((GenericFixed) value).bytes());
            case BOOLEAN -> value;
            case STRING, ENUM -> value.toString();
            case NULL -> null;
        };
    }

    private static Object fields(Schema schema, IndexedRecord value) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        for (Schema.Field field : schema.getFields()) {
            fields.put(field.name(), of(field.schema(), value.get(field.pos())));
        }
        return fields;
    }

    private static Object elements(Schema schema, Collection<?> value) {
        var elements = new ArrayList<@Nullable Object>(value.size());
        value.forEach(element -> elements.add(of(schema, element)));
        return elements;
    }

    private static Object values(Schema schema, Map<?, ?> value) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        value.forEach((key, element) -> values.put(key.toString(), of(schema, element)));
        return values;
    }

    private static Object whole(Schema schema, long value) {
        LogicalType type = schema.getLogicalType();
        return switch (type == null ? "" : type.getName()) {
            case "date" -> LocalDate.ofEpochDay(value).toString();
            case "time-millis" -> time(value, ChronoUnit.MILLIS);
            case "time-micros" -> time(value, ChronoUnit.MICROS);
            case "timestamp-millis" -> instant(value, ChronoUnit.MILLIS).toString();
            case "timestamp-micros" -> instant(value, ChronoUnit.MICROS).toString();
            case "timestamp-nanos" -> instant(value, ChronoUnit.NANOS).toString();
            case "local-timestamp-millis" -> local(value, ChronoUnit.MILLIS);
            case "local-timestamp-micros" -> local(value, ChronoUnit.MICROS);
            case "local-timestamp-nanos" -> local(value, ChronoUnit.NANOS);
            default -> BigDecimal.valueOf(value);
        };
    }

    private static String time(long value, ChronoUnit unit) {
        long nanos = Math.multiplyExact(value, unit.getDuration().toNanos());
        // The end of a day, which LocalTime has no value for: PostgreSQL has, and adding it would give the beginning.
        return nanos == Duration.ofDays(1).toNanos()
                ? "24:00:00"
                : LocalTime.ofNanoOfDay(nanos).toString();
    }

    private static Instant instant(long value, ChronoUnit unit) {
        return Instant.EPOCH.plus(value, unit);
    }

    private static String local(long value, ChronoUnit unit) {
        return instant(value, unit).atOffset(ZoneOffset.UTC).toLocalDateTime().toString();
    }

    private static Object fraction(Number value) {
        return Double.isFinite(value.doubleValue()) ? new BigDecimal(value.toString()) : value.toString();
    }

    private static Object bytes(Schema schema, byte[] value) {
        LogicalType type = schema.getLogicalType();
        if (type instanceof LogicalTypes.Decimal decimal) {
            return new BigDecimal(new BigInteger(value), decimal.getScale());
        } else if (type instanceof LogicalTypes.BigDecimal) {
            return new Conversions.BigDecimalConversion().fromBytes(ByteBuffer.wrap(value), schema, type);
        } else if (type instanceof LogicalTypes.Uuid && value.length == 16) {
            ByteBuffer halves = ByteBuffer.wrap(value);
            return new UUID(halves.getLong(), halves.getLong()).toString();
        }
        return Base64.getEncoder().encodeToString(value);
    }

    private static byte[] copy(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }
}
