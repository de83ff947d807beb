package dev.dualwrite.spring.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.step.StepCounter;
import io.micrometer.core.instrument.step.StepMeterRegistry;
import java.util.List;
import java.util.OptionalDouble;

/** What the meters of this process know of entries applied. Stateless. */
final class AppliedMeters {

    private AppliedMeters() {}

    /** All that was applied of this outbox since the start; empty where no registry counts that. */
    static OptionalDouble total(MeterRegistry meters) {
        if (meters instanceof CompositeMeterRegistry composite) {
            // The composite answers for its first registry, whatever that one counts.
            return composite.getRegistries().stream()
                    .map(AppliedMeters::total)
                    .filter(OptionalDouble::isPresent)
                    .findFirst()
                    .orElse(OptionalDouble.empty());
        }
        // Those of other databases are tagged with theirs, and are no business of this page.
        List<Counter> counters = meters.find("dualwrite.entries.applied").counters().stream()
                .filter(counter -> counter.getId().getTag("primary") == null)
                .toList();
        return counters.isEmpty() || isOfLastStep(meters, counters)
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        counters.stream().mapToDouble(Counter::count).sum());
    }

    /** Such counters tell what their last step counted, and are no total. */
    private static boolean isOfLastStep(MeterRegistry meters, List<Counter> counters) {
        return meters instanceof StepMeterRegistry || counters.stream().anyMatch(StepCounter.class::isInstance);
    }
}
