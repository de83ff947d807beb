package dev.dualwrite.sample.crash;

import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.sample.SampleApplication;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/** The sample app in a JVM of its own, which halts at a named crash window if it is told one. */
final class CrashApp {

    static final String READY = "CrashApp is ready on port ";
    static final String WINDOW = "crash.window";
    static final String VISIT = "crash.visit";

    /** As a shell sees a process that was killed. */
    static final int HALTED = 137;

    private CrashApp() {}

    public static void main(String[] args) {
        SpringApplication.from(SampleApplication::main)
                .with(Configuration.class)
                .run(args);
    }

    /** Halts the JVM, as {@code kill -9} would, when its window is visited for the n-th time. */
    private record Halt(CrashWindow window, int visit, AtomicInteger visits) implements CrashProbe {

        @Override
        public void reached(CrashWindow reached) {
            if (reached == window && visits.incrementAndGet() == visit) {
                Runtime.getRuntime().halt(HALTED);
            }
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Configuration {

        @Bean
        CrashProbe crashProbe() {
            String window = System.getProperty(WINDOW);
            return window == null
                    ? CrashProbe.NONE
                    : new Halt(CrashWindow.valueOf(window), Integer.getInteger(VISIT), new AtomicInteger());
        }

        @Bean
        ApplicationListener<ApplicationReadyEvent> ready() {
            return event -> System.out.println(
                    READY + event.getApplicationContext().getEnvironment().getProperty("local.server.port"));
        }
    }
}
