package dev.dualwrite.bench.run;

import java.util.Map;

/** One of the things that are compared. */
public interface Contender {

    /** As it stands in the report. */
    String name();

    /**
     * One measurement: prepares what it needs, measures, checks what came out. Blocks.
     *
     * @return values by metric
     */
    Map<Metric, Double> measure() throws Exception;
}
