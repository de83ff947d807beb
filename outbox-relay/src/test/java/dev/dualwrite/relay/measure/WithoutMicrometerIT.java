package dev.dualwrite.relay.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.observe.SinkObserver;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Micrometer and its tracing are optional: a program that has not got them must link, start and relay. Really not got them: a class
 * loader that only denies them to Spring would leave every class of ours able to find them.
 */
class WithoutMicrometerIT {

    /** Spring itself needs the other two. */
    private static final Pattern MICROMETER = Pattern.compile("micrometer-(?!observation-\\d|commons-).*");

    private static final Pattern TRACING = Pattern.compile("micrometer-tracing-.*");

    private final TestDatabase database = TestDatabases.create();

    @Test
    void programWithoutTheLibraryRelays() throws Exception {
        assertThat(runWithout(MICROMETER, "io.micrometer.core.instrument.MeterRegistry"))
                .isEqualTo(SinkObserver.NONE.getClass().getName());
    }

    @Test
    void programWithMetersAndWithoutTracingRelays() throws Exception {
        assertThat(runWithout(
                        TRACING,
                        "io.micrometer.tracing.Tracer",
                        "--spring.main.sources=" + MeteredProgram.class.getName()))
                .isEqualTo(MeasuredSink.class.getName());
    }

    @SuppressWarnings("unchecked")
    private String runWithout(Pattern jars, String absent, String... more) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader ours = thread.getContextClassLoader();
        try (var loader = new URLClassLoader(classPathWithout(jars), ClassLoader.getPlatformClassLoader())) {
            assertThat(loader.getResource(absent.replace('.', '/') + ".class")).isNull();
            thread.setContextClassLoader(loader);
            var program = (Function<String[], String>) loader.loadClass(UnmeasuredProgram.class.getName())
                    .getConstructor()
                    .newInstance();
            var properties = new ArrayList<>(List.of(
                    "--spring.main.banner-mode=off",
                    "--spring.datasource.url=" + database.url(),
                    "--spring.datasource.username=" + database.user(),
                    "--spring.datasource.password=" + database.password(),
                    "--spring.datasource.hikari.maximum-pool-size=4"));
            properties.addAll(List.of(more));
            return program.apply(properties.toArray(String[]::new));
        } finally {
            thread.setContextClassLoader(ours);
        }
    }

    private static URL[] classPathWithout(Pattern jars) throws MalformedURLException {
        var urls = new ArrayList<URL>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!jars.matcher(new File(entry).getName()).matches()) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }
}
