package dev.dualwrite.bench.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** Tells whoever waits what is being measured, and what came out so far. */
public final class Progress {

    private final PrintStream out;
    private final long begin = System.nanoTime();
    private String group = "";

    public Progress(PrintStream out) {
        this.out = out;
    }

    void group(String name, int number, int of) {
        group = name;
        say("group " + number + " of " + of + ": " + name);
    }

    void round(int round, int of, String contender, Map<Metric, Double> values) {
        String which = round < 0 ? "warm-up" : "round " + (round + 1) + " of " + of;
        String shown = values.entrySet().stream()
                .map(v -> v.getKey().text(v.getValue()) + " " + v.getKey().title())
                .collect(Collectors.joining(", "));
        say(group + ", " + which + ", " + contender + ": " + shown);
    }

    /** One line, with the time since the start. */
    public void say(String line) {
        Duration passed = Duration.ofNanos(System.nanoTime() - begin);
        out.printf("%3d:%02d  %s%n", passed.toMinutes(), passed.toSecondsPart(), line);
        out.flush();
    }
}
