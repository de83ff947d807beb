package dev.dualwrite.spring.jpa;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * A duration as the ISO 8601 text of an interval with the fields that Hibernate gives it in its column: days of 24 hours, then
 * the time. To PostgreSQL an interval of as many hours is equal, but another value. Pure.
 */
final class IntervalText {

    private IntervalText() {}

    static String of(Duration duration) {
        long minutes = duration.getSeconds() / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        BigDecimal seconds =
                BigDecimal.valueOf(duration.getNano(), 9).add(BigDecimal.valueOf(duration.getSeconds() - minutes * 60));
        return "P" + days + "DT" + (hours - days * 24) + "H" + (minutes - hours * 60) + "M" + seconds.toPlainString()
                + "S";
    }
}
