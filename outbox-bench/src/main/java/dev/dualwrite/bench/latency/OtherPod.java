package dev.dualwrite.bench.latency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.bench.pod.Place;
import dev.dualwrite.bench.pod.Pod;
import dev.dualwrite.relay.sink.jdbc.JdbcSink;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A process with a relay and nothing else. It prints one line when it holds every lane, then one for each call of its sink: the
 * time at which the secondary's commit was known, in microseconds, and the ids of the orders.
 */
public final class OtherPod {

    static final String READY = "ready";

    private static final String PRIMARY = "BENCH_PRIMARY_";
    private static final String SECONDARY = "BENCH_SECONDARY_";

    /** As many as the relay has threads for the sink, by default. */
    private static final int SINK_CONNECTIONS = 4;

    private OtherPod() {}

    /** Runs until its input ends. */
    public static void main(String[] args) throws Exception {
        // Written at once, line by line; what others print must not get in between.
        var reports = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
        System.setOut(System.err);
        try (HikariDataSource secondary = place(SECONDARY).pool("secondary", SINK_CONNECTIONS)) {
            JdbcSink sink = JdbcSink.builder(secondary)
                    .table(OrderWrites.TABLE)
                    .keyColumns("id")
                    .build();
            try (Pod pod = Pod.relaying(
                    place(PRIMARY), new StampingSink(sink, (ids, at) -> report(reports, ids, at)), n -> {})) {
                print(reports, READY);
                System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    /** What {@link #main} needs to know. */
    static Map<String, String> environment(Place primary, Place secondary) {
        Map<String, String> variables = new HashMap<>();
        put(variables, PRIMARY, primary);
        put(variables, SECONDARY, secondary);
        return variables;
    }

    private static void put(Map<String, String> variables, String prefix, Place place) {
        variables.put(prefix + "URL", place.url());
        variables.put(prefix + "USER", place.user());
        variables.put(prefix + "PASSWORD", place.password());
    }

    private static Place place(String prefix) {
        return new Place(variable(prefix + "URL"), variable(prefix + "USER"), variable(prefix + "PASSWORD"));
    }

    private static String variable(String name) {
        return requireNonNull(System.getenv(name), name);
    }

    private static void report(PrintStream reports, List<String> ids, long micros) {
        var line = new StringBuilder(Long.toString(micros));
        ids.forEach(id -> line.append(' ').append(id));
        print(reports, line.toString());
    }

    private static void print(PrintStream reports, String line) {
        synchronized (reports) {
            reports.print(line + "\n");
            reports.flush();
        }
    }
}
