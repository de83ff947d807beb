package dev.dualwrite.spring.jpa;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Calendar;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as ISO 8601 texts, those that PostgreSQL reads: without a sign before a year above 9999, with {@code BC} behind
 * one before year 1, and with {@code infinity} for what the driver gives for it, which is beyond what the types can hold. Pure.
 */
final class TemporalText {

    /** The last year that a {@code date} can hold; the driver's stand-ins for infinity are far beyond. */
    private static final int LAST_YEAR = 5_874_897;

    /** The first one, 4714 BC. */
    private static final int FIRST_YEAR = -4713;

    private TemporalText() {}

    /**
     * The text of a value.
     *
     * @param typeCode of the column, in {@link SqlTypes}
     * @param zone of the times of columns without one; absent for the JVM's
     */
    static String of(Object value, int typeCode, @Nullable TimeZone zone) {
        if (value instanceof LocalDate date) {
            return date(date, "");
        }
        if (value instanceof LocalDateTime time) {
            return local(time);
        }
        if (value instanceof Instant || value instanceof OffsetDateTime || value instanceof ZonedDateTime) {
            return instant(instantOf(value), typeCode, zone);
        }
        if (value instanceof Date date) {
            return legacy(date, typeCode);
        }
        return value instanceof Calendar calendar ? legacy(calendar.getTime(), typeCode) : value.toString();
    }

    private static Instant instantOf(Object value) {
        if (value instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return value instanceof ZonedDateTime time ? time.toInstant() : (Instant) value;
    }

    private static String instant(Instant instant, int typeCode, @Nullable TimeZone zone) {
        // Beyond the range of the types with fields, so it would not convert.
        if (instant.isBefore(OffsetDateTime.MIN.toInstant().plusSeconds(1))
                || instant.isAfter(OffsetDateTime.MAX.toInstant().minusSeconds(1))) {
            return instant.isBefore(Instant.EPOCH) ? "-infinity" : "infinity";
        }
        if (typeCode == SqlTypes.TIMESTAMP) {
            // The column holds a wall clock time, not an instant.
            return local(LocalDateTime.ofInstant(instant, zone == null ? ZoneId.systemDefault() : zone.toZoneId()));
        }
        LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        return date(time.toLocalDate(), "T" + clock(time.toLocalTime()) + "Z");
    }

    private static String local(LocalDateTime time) {
        return date(time.toLocalDate(), "T" + clock(time.toLocalTime()));
    }

    // The classes of java.sql tell the JVM's wall clock, whatever the column.
    @SuppressWarnings("JavaUtilDate") // entities have it
    private static String legacy(Date date, int typeCode) {
        LocalDateTime time = new Timestamp(date.getTime()).toLocalDateTime();
        if (date instanceof Timestamp stamp) {
            time = stamp.toLocalDateTime();
        }
        return switch (typeCode) {
            case SqlTypes.DATE -> date(time.toLocalDate(), "");
            case SqlTypes.TIME -> clock(time.toLocalTime());
            case SqlTypes.TIMESTAMP -> local(time);
            default -> instant(time.atZone(ZoneId.systemDefault()).toInstant(), typeCode, null);
        };
    }

    private static String date(LocalDate date, String rest) {
        int year = date.getYear();
        if (year > LAST_YEAR) {
            return "infinity";
        }
        if (year < FIRST_YEAR) {
            return "-infinity";
        }
        String day = String.format(
                Locale.ROOT, "%04d-%02d-%02d", year > 0 ? year : 1 - year, date.getMonthValue(), date.getDayOfMonth());
        return day + rest + (year > 0 ? "" : " BC");
    }

    private static String clock(LocalTime time) {
        return DateTimeFormatter.ISO_LOCAL_TIME.format(time);
    }
}
