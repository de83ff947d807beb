package dev.dualwrite.bench.micro;

import dev.dualwrite.outbox.Aggregate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** To which lane an entry goes: a hash of its aggregate. */
@State(Scope.Benchmark)
public class ShardBenchmark {

    private static final int SHARDS = 16;

    private final Aggregate aggregate = MicroEntries.aggregate(4711);

    @Benchmark
    public int shard() {
        return aggregate.shard(SHARDS);
    }
}
