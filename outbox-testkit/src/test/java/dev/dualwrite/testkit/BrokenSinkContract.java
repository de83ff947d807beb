package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The contract on a sink with one defect, which the run names; its name keeps it from running by itself. */
@ExtendWith(BrokenSinkContract.DefectOfTheRun.class)
final class BrokenSinkContract extends MemorySinkContract {

    static final String DEFECT = "defect";

    private final Defect defect;
    private Sink broken;

    BrokenSinkContract(Defect defect) {
        this.defect = defect;
    }

    @Override
    Sink on(MemoryStore memory) {
        // One for all calls: the meeting point of two racing calls is in it.
        if (broken == null) {
            broken = defect.on(memory);
        }
        return broken;
    }

    @Override
    Fault stalled(CountDownLatch end) {
        return defect == Defect.IS_DEAF_TO_INTERRUPTS ? Fault.hangDeafOnApply(end) : super.stalled(end);
    }

    @Override
    protected Duration patience() {
        return defect == Defect.IS_DEAF_TO_INTERRUPTS ? Duration.ofMillis(200) : super.patience();
    }

    /** Reads it from the configuration of the run. */
    static final class DefectOfTheRun implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext run) {
            return parameter.getParameter().getType() == Defect.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext run) {
            return Defect.valueOf(run.getConfigurationParameter(DEFECT).orElseThrow());
        }
    }
}
