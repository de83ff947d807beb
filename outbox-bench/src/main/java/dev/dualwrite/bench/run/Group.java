package dev.dualwrite.bench.run;

/** Figures that belong together, and how they are measured. */
public interface Group {

    /** One word, by which the group can be chosen. */
    String name();

    /** Measures, blocking for as long as that takes, and writes down what came out. */
    void measure(Bench bench, Findings findings) throws Exception;

    /** What every group works with; the clusters are empty but for what other groups left. */
    record Bench(
            dev.dualwrite.bench.store.Cluster primary,
            dev.dualwrite.bench.store.Cluster secondary,
            Extent extent,
            Progress progress) {

        public Rounds rounds() {
            return new Rounds(progress, extent);
        }
    }
}
