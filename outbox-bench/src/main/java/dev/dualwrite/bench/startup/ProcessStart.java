package dev.dualwrite.bench.startup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The start of a service as a process of its own, from the call of its JVM until it says that it has started. */
final class ProcessStart implements Contender {

    private final String name;
    private final List<String> command;

    ProcessStart(String name, String classPath, List<String> arguments) {
        this.name = name;
        this.command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                ServiceProcess.class.getName()));
        command.addAll(arguments);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = out.readLine();
            double millis = (System.nanoTime() - begin) / (double) TimeUnit.MILLISECONDS.toNanos(1);
            int exit = process.waitFor();
            if (!ServiceProcess.STARTED.equals(line) || exit != 0) {
                throw new IllegalStateException(name + " said '" + line + "' and ended with " + exit + ", expected '"
                        + ServiceProcess.STARTED + "' and 0");
            }
            return Map.of(Metric.MILLISECONDS, millis);
        } finally {
            process.destroyForcibly();
        }
    }
}
