package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with each sink of a look: one judgement for health and console, so that neither calls well what the other calls
 * degraded. Thread-safe; does not block.
 */
public final class Judgement {

    private final Findings findings;
    private final Duration longestGap;
    private final Map<String, Instant> unheldSince = new HashMap<>();

    private @Nullable Instant lastAt;

    /**
     * Nothing seen yet.
     *
     * @param longestGap between two looks; after a longer one nobody knows whether a lane had a holder in between
     */
    Judgement(Findings findings, Duration longestGap) {
        this.findings = findings;
        this.longestGap = longestGap;
    }

    /** Keeps since when lanes are without a holder: one look cannot tell. A look that is older than the last one is not kept. */
    synchronized void remember(Overview overview, Instant at) {
        if (lastAt != null && at.isBefore(lastAt)) {
            return;
        }
        if (lastAt != null && at.isAfter(lastAt.plus(longestGap))) {
            unheldSince.clear();
        }
        lastAt = at;
        for (SinkOverview sink : overview.sinks()) {
            if (sink.unheldLanes() == 0) {
                unheldSince.remove(sink.sink());
            } else {
                unheldSince.putIfAbsent(sink.sink(), at);
            }
        }
    }

    /** What is wrong, by sink, in the order of the look; an empty list for a sink that is well. */
    public synchronized Map<String, List<Finding>> of(Overview overview, Instant at) {
        remember(overview, at);
        var found = new LinkedHashMap<String, List<Finding>>();
        for (SinkOverview sink : overview.sinks()) {
            found.put(sink.sink(), findings.of(sink, at, unheldSince.get(sink.sink())));
        }
        return found;
    }
}
