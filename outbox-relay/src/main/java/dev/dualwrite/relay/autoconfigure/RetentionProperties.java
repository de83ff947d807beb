package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.retention.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the primary keeps what the relaying does not need, as it was written down.
 *
 * @param audit how long an act of a person stays on record; at least a day, 0 means for ever
 * @param discarded how long an entry is kept after a person discarded it, with its payload; at least a day, 0 means for ever
 */
@ConfigurationProperties("dualwrite.retention")
record RetentionProperties(
        @DefaultValue("400d") Duration audit,
        @DefaultValue("90d") Duration discarded) {

    private static final Duration SHORTEST = Duration.ofDays(1);

    /** A century: what the database can still subtract from a date. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    Retention retention() {
        return new Retention(audit, discarded);
    }

    /** Every mistake. */
    List<String> mistakes() {
        var mistakes = new ArrayList<String>();
        check("dualwrite.retention.audit", audit, mistakes);
        check("dualwrite.retention.discarded", discarded, mistakes);
        return mistakes;
    }

    private static void check(String name, Duration value, List<String> mistakes) {
        if (!value.isZero() && (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0)) {
            mistakes.add(name + " is " + value + ", expected 1d to " + LONGEST.toDays()
                    + "d, or 0 for ever. Next: correct " + name);
        }
    }
}
