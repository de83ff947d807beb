package dev.dualwrite.bench.micro;

import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.run.Rounds;
import dev.dualwrite.relay.apply.CoalesceBenchmark;
import dev.dualwrite.relay.sink.jdbc.ReadRowsBenchmark;
import java.util.List;

/** What the producer and the relay do for each entry in the JVM. */
public final class MicroGroup implements Group {

    @Override
    public String name() {
        return "micro";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        Extent extent = bench.extent();
        List<MicroBenchmark> benchmarks = List.of(
                new MicroBenchmark("shard of an aggregate", ShardBenchmark.class, extent),
                new MicroBenchmark(
                        "routing and size check at the producer, without the codec", EncodeBenchmark.class, extent),
                new MicroBenchmark("coalescing in the relay", CoalesceBenchmark.class, extent),
                new MicroBenchmark("reading into a row in the JDBC sink", ReadRowsBenchmark.class, extent));
        // Nothing is compared, and JMH has rounds of its own.
        Results results = new Rounds(bench.progress(), new Extent(1, 0, extent.divisor())).measure(benchmarks);
        findings.table("In the JVM, for each entry", results);
        for (String benchmark : results.contenders()) {
            findings.figure(Figure.reported(
                    "JVM: " + benchmark, results.median(benchmark, Metric.NANOSECONDS), " ns an entry"));
        }
    }
}
