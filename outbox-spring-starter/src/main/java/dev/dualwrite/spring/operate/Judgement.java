package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is wrong with each sink of a look: one judgement for health and console, so that neither calls well what the other calls
 * degraded. Thread-safe; does not block.
 */
public final class Judgement {

    private final Findings findings;
    private final Map<String, Instant> unheldSince = new ConcurrentHashMap<>();

    Judgement(Findings findings) {
        this.findings = findings;
    }

    /** Keeps since when lanes are without a holder: one look cannot tell. */
    void remember(Overview overview, Instant at) {
        for (SinkOverview sink : overview.sinks()) {
            if (sink.unheldLanes() == 0) {
                unheldSince.remove(sink.sink());
            } else {
                unheldSince.putIfAbsent(sink.sink(), at);
            }
        }
    }

    /** What is wrong, by sink, in the order of the look; an empty list for a sink that is well. */
    public Map<String, List<Finding>> of(Overview overview, Instant at) {
        remember(overview, at);
        var found = new LinkedHashMap<String, List<Finding>>();
        for (SinkOverview sink : overview.sinks()) {
            found.put(sink.sink(), findings.of(sink, at, unheldSince.get(sink.sink())));
        }
        return found;
    }
}
