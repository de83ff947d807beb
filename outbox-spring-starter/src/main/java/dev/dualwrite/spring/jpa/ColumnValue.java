package dev.dualwrite.spring.jpa;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Calendar;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.hibernate.metamodel.mapping.JdbcMapping;
import org.hibernate.type.SqlTypes;
import org.hibernate.type.descriptor.WrapperOptions;
import org.hibernate.type.descriptor.java.BasicPluralJavaType;
import org.hibernate.type.descriptor.java.JavaType;
import org.hibernate.type.descriptor.jdbc.ArrayJdbcType;
import org.hibernate.type.descriptor.jdbc.JdbcType;
import org.jspecify.annotations.Nullable;

/**
 * A basic attribute's value as its column holds it: after a converter, an enum as it is mapped, bytes as base64. What comes out
 * is a text, a number, a boolean, or a list or map of these. Confined to the session's thread; no I/O.
 */
final class ColumnValue {

    private final WrapperOptions session;

    ColumnValue(WrapperOptions session) {
        this.session = session;
    }

    /**
     * The value of a column.
     *
     * @throws IllegalStateException if its type has no form in JSON
     */
    @Nullable
    Object of(JdbcMapping mapping, @Nullable Object value) {
        return value == null
                ? null
                : typed(mapping.convertToRelationalValue(value), mapping.getJdbcJavaType(), mapping.getJdbcType());
    }

    @SuppressWarnings("unchecked") // the type belongs to the value
    private @Nullable Object typed(@Nullable Object value, JavaType<?> javaType, JdbcType jdbcType) {
        if (value == null) {
            return null;
        }
        if (SqlTypes.isJsonType(jdbcType.getDefaultSqlTypeCode())) {
            String text = session.getJsonFormatMapper().toString(value, (JavaType<Object>) javaType, session);
            return JsonText.parse(text);
        }
        if (jdbcType.isBinary()) {
            byte[] bytes = unwrap(value, javaType, byte[].class);
            return Base64.getEncoder().encodeToString(bytes);
        }
        if (jdbcType instanceof ArrayJdbcType array && javaType instanceof BasicPluralJavaType<?> plural) {
            return elements(value, plural.getElementJavaType(), array.getElementJdbcType());
        }
        return scalar(value, javaType, jdbcType);
    }

    private List<@Nullable Object> elements(Object value, JavaType<?> javaType, JdbcType jdbcType) {
        var elements = new ArrayList<@Nullable Object>();
        if (value instanceof Collection<?> collection) {
            collection.forEach(element -> elements.add(typed(element, javaType, jdbcType)));
        } else {
            for (int i = 0; i < Array.getLength(value); i++) {
                elements.add(typed(Array.get(value, i), javaType, jdbcType));
            }
        }
        return elements;
    }

    private Object scalar(Object value, JavaType<?> javaType, JdbcType jdbcType) {
        if (value instanceof Enum<?> || value instanceof Boolean) {
            return coded(value, javaType, jdbcType);
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Temporal || value instanceof Date || value instanceof Calendar) {
            return TemporalText.of(value, jdbcType.getDefaultSqlTypeCode(), session.getJdbcTimeZone());
        }
        if (value instanceof Duration duration) {
            return jdbcType.isNumber() ? unwrap(value, javaType, BigDecimal.class) : IntervalText.of(duration);
        }
        if (value instanceof String || value instanceof Character || value instanceof UUID) {
            return value.toString();
        }
        return value instanceof InetAddress address ? address.getHostAddress() : other(value, javaType, jdbcType);
    }

    /** What a column holds as a number or a text, whatever it is in Java. */
    private Object coded(Object value, JavaType<?> javaType, JdbcType jdbcType) {
        if (value instanceof Boolean && isBoolean(jdbcType)) {
            return value;
        }
        return jdbcType.isNumber() ? unwrap(value, javaType, Integer.class) : unwrap(value, javaType, String.class);
    }

    private Object other(Object value, JavaType<?> javaType, JdbcType jdbcType) {
        if (jdbcType.isNumber()) {
            return number(unwrap(value, javaType, Integer.class));
        }
        if (jdbcType.isStringLike() || SqlTypes.isXmlType(jdbcType.getDefaultSqlTypeCode())) {
            return unwrap(value, javaType, String.class);
        }
        throw new IllegalStateException("a value of type " + value.getClass().getName() + " in a column of type "
                + jdbcType.getFriendlyName() + " has no form in JSON: convert it with an AttributeConverter");
    }

    // JSON has no such numbers, and a reader may make 0 of the negative zero; PostgreSQL reads these words.
    private static Object number(Number number) {
        if (number instanceof Double || number instanceof Float) {
            double value = number.doubleValue();
            boolean plain = Double.isFinite(value) && Double.compare(value, -0.0) != 0;
            return plain ? number : number.toString();
        }
        return number;
    }

    private static boolean isBoolean(JdbcType jdbcType) {
        int code = jdbcType.getDefaultSqlTypeCode();
        return code == SqlTypes.BOOLEAN || code == SqlTypes.BIT;
    }

    @SuppressWarnings("unchecked") // the type belongs to the value
    private <T> T unwrap(Object value, JavaType<?> javaType, Class<T> as) {
        return ((JavaType<Object>) javaType).unwrap(value, as, session);
    }
}
