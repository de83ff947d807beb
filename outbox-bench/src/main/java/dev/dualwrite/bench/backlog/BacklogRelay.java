package dev.dualwrite.bench.backlog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process like a pod: relays in a small heap. It does what the lines of its input say, answers on its output, and ends with
 * its input, so that it does not outlive who started it.
 */
public final class BacklogRelay {

    private static final int POOL = 10;
    private static final int ARGUMENTS_OF_RELAY = 3;
    private static final int FIRST_RELAY = 2;

    /** The environment variable with the password. */
    static final String PASSWORD = "BENCH_PASSWORD";

    private BacklogRelay() {}

    /** User, URL of the secondary; then for each relay the URL of its primary, number of its sink, its table. */
    public static void main(String[] args) {
        try {
            serve(args);
            // Nobody is left to wait for the leases.
            System.exit(0);
        } catch (Exception e) {
            // The threads of the relays would keep the process, and who waits for its answer, for ever.
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void serve(String[] args) throws Exception {
        List<MeteredRelay> relays = new ArrayList<>();
        HikariDataSource secondary = pool(args, args[1]);
        for (int i = FIRST_RELAY; i < args.length; i += ARGUMENTS_OF_RELAY) {
            relays.add(new MeteredRelay(pool(args, args[i]), Short.parseShort(args[i + 1]), secondary, args[i + 2]));
        }
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            System.out.println(answer(words[0], relays.get(Integer.parseInt(words[1])), words));
        }
    }

    private static String answer(String command, MeteredRelay relay, String[] words) throws Exception {
        switch (command) {
            case "arm" -> relay.arm(Long.parseLong(words[2]));
            case "wake" -> relay.wake();
            case "drained" -> {
                Draining.Drained drained = relay.drained();
                return drained.entries() + " " + drained.nanos() + " " + drained.longestPauseNanos();
            }
            case "rest" -> {
                return Long.toString(relay.rest());
            }
            case "heap" -> {
                return Runtime.getRuntime().maxMemory() + " " + peakHeap();
            }
            default -> throw new IllegalArgumentException("command is '" + command + "'");
        }
        return "";
    }

    /** At most that much: the parts of the heap need not have been at their largest at the same time. */
    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }

    private static HikariDataSource pool(String[] args, String url) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(args[0]);
        config.setPassword(System.getenv(PASSWORD));
        config.setMaximumPoolSize(POOL);
        config.setMinimumIdle(1);
        return new HikariDataSource(config);
    }
}
