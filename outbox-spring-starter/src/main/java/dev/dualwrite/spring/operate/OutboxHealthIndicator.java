package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether entries get to their secondaries, seen from any process that has the outbox, with or without a relay. UP, or {@code DEGRADED}
 * with what is wrong and what to do, or UNKNOWN where the primary could not be looked at: whether it is down is for the health of the
 * DataSource to say, so this one never says DOWN. Thread-safe; a probe waits for the first look only, for two seconds at most.
 */
final class OutboxHealthIndicator implements HealthIndicator {

    /** A custom status: Boot's root aggregation leaves out those that it does not know. */
    static final Status DEGRADED = new Status("DEGRADED", "entries do not get to a secondary");

    private final OutboxWatch watch;
    private final Judgement judgement;

    OutboxHealthIndicator(OutboxWatch watch, Findings findings) {
        this(watch, new Judgement(findings, Duration.ofMinutes(2)));
    }

    OutboxHealthIndicator(OutboxWatch watch, Judgement judgement) {
        this.watch = watch;
        this.judgement = judgement;
        watch.listen(this::remember);
    }

    @Override
    public Health health() {
        Optional<Look> look = watch.firstOrLast();
        if (look.isEmpty()) {
            return new Health.Builder(Status.UNKNOWN)
                    .withDetail("problem", "the primary was not looked at yet")
                    .build();
        }
        Overview overview = look.get().overview();
        if (overview == null) {
            return new Health.Builder(Status.UNKNOWN)
                    .withDetail(
                            "problem",
                            "the primary could not be looked at: " + look.get().failure())
                    .withDetail("next", "see to the primary; the health of the DataSource says more")
                    .build();
        }
        return health(look.get().at(), overview);
    }

    private Health health(Instant at, Overview overview) {
        var sinks = new LinkedHashMap<String, Object>();
        boolean degraded = false;
        for (Map.Entry<String, List<Finding>> sink : judgement.of(overview, at).entrySet()) {
            List<Finding> found = sink.getValue();
            degraded |= !found.isEmpty();
            sinks.put(
                    sink.getKey(),
                    found.isEmpty()
                            ? "UP"
                            : found.stream().map(OutboxHealthIndicator::detail).toList());
        }
        return new Health.Builder(degraded ? DEGRADED : Status.UP)
                .withDetail("lookedAt", at.toString())
                .withDetail("relays", overview.livingRelays())
                .withDetail("sinks", sinks)
                .build();
    }

    private static Map<String, String> detail(Finding finding) {
        var detail = new LinkedHashMap<String, String>();
        detail.put("problem", finding.problem());
        if (finding.since() != null) {
            detail.put("since", finding.since().toString());
        }
        detail.put("next", finding.next());
        return detail;
    }

    private void remember(Look look) {
        if (look.overview() != null) {
            judgement.remember(look.overview(), look.at());
        }
    }
}
