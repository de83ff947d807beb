package dev.dualwrite.relay.chaos;

import dev.dualwrite.relay.app.RelayApplication;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The pod as users run it, with the default of every property that it is not given, in a process of its own. */
final class PlainPod implements AutoCloseable {

    private static final Pattern AT_LEAST_WARN = Pattern.compile("\\S+ +(WARN|ERROR) \\d+ .*");

    private final Process process;
    private final Path log;

    private PlainPod(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Begins a new log. */
    static PlainPod start(Path log, String... properties) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Duser.timezone=Pacific/Auckland",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                PlainPod.class.getName()));
        for (String property : properties) {
            command.add("--" + property);
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(log.toFile()))
                .start();
        return new PlainPod(process, log);
    }

    /** Runs until SIGTERM, or until the process that started it is gone. */
    public static void main(String[] args) {
        ChaosPod.daemon("parent-watch", ChaosPod::endWithParent);
        RelayApplication.main(args);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The lines of its log that a person should look at. */
    List<String> warnings() throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> AT_LEAST_WARN.matcher(line).matches()).toList();
        }
    }

    /** What the kernel says of it, such as {@code Threads}, or {@code VmHWM} in kB; 0 where it does not tell. */
    long kernelFigure(String name) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        }
    }

    @Override
    public String toString() {
        return "pod " + process.pid() + ", see " + log;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
