package dev.dualwrite.sample.demo;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says why an embedded database did not start, and what to do, instead of showing a stack trace. */
final class StoreNotStartedAnalyzer extends AbstractFailureAnalyzer<StoreNotStartedException> {

    @Override
    protected FailureAnalysis analyze(Throwable failure, StoreNotStartedException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Is the demo running already? Stop it, or start this one with another --sample.data-dir. Ports are free"
                        + " ones unless --sample.primary-port or --sample.secondary-port says otherwise.",
                cause);
    }
}
