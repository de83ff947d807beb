package dev.dualwrite.sample.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.sample.SampleApplication;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/** The sample app in a JVM of its own, which halts at a named crash window if it is told one, at its start or later on. */
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

    /** Halts the JVM, as {@code kill -9} would, when its window is visited for the n-th time from now on. */
    private record Halt(CrashWindow window, AtomicInteger visitsLeft) {

        Halt(CrashWindow window, int visit) {
            this(window, new AtomicInteger(visit));
        }

        void reached(CrashWindow reached) {
            if (reached == window && visitsLeft.decrementAndGet() == 0) {
                Runtime.getRuntime().halt(HALTED);
            }
        }
    }

    /** Does what it was told last: by system properties, or by a line {@code <window> <visit>} of the standard input. */
    private static final class ToldProbe implements CrashProbe {

        private final AtomicReference<@Nullable Halt> told = new AtomicReference<>();

        ToldProbe() {
            String window = System.getProperty(WINDOW);
            if (window != null) {
                told.set(new Halt(CrashWindow.valueOf(window), Integer.getInteger(VISIT)));
            }
            var listener = new Thread(this::listen, "told");
            listener.setDaemon(true);
            listener.start();
        }

        @Override
        public void reached(CrashWindow window) {
            Halt halt = told.get();
            if (halt != null) {
                halt.reached(window);
            }
        }

        private void listen() {
            var lines = new Scanner(System.in, UTF_8);
            while (lines.hasNextLine()) {
                String[] words = lines.nextLine().split(" ", -1);
                told.set(new Halt(CrashWindow.valueOf(words[0]), Integer.parseInt(words[1])));
            }
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Configuration {

        @Bean
        CrashProbe crashProbe() {
            return new ToldProbe();
        }

        @Bean
        ApplicationListener<ApplicationReadyEvent> ready() {
            return event -> System.out.println(
                    READY + event.getApplicationContext().getEnvironment().getProperty("local.server.port"));
        }
    }
}
