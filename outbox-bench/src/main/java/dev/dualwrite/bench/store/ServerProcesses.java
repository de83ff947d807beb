package dev.dualwrite.bench.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The postmaster and its children, and the processor time that they took. Thread-safe.
 *
 * <p>From {@code /proc}, so on Linux only. The kernel counts in hundredths of a second, whatever its own clock rate is.
 */
final class ServerProcesses {

    private static final long NANOS_PER_TICK = TimeUnit.MILLISECONDS.toNanos(10);

    // Fields of /proc/<pid>/stat behind the name in brackets, from 0 on, see proc_pid_stat(5).
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int USER_OF_ENDED = 13;
    private static final int SYSTEM_OF_ENDED = 14;

    private final long postmaster;

    ServerProcesses(long postmaster) {
        this.postmaster = postmaster;
    }

    /** Of the processes that live and of those that have ended; not a number without {@code /proc}. */
    double cpuNanos() {
        if (!Files.isReadable(Path.of("/proc/self/stat"))) {
            return Double.NaN;
        }
        // The children first: one that ends meanwhile is then in the sum of the postmaster.
        List<Long> children = ProcessHandle.of(postmaster)
                .map(ProcessHandle::children)
                .orElse(Stream.empty())
                .map(ProcessHandle::pid)
                .toList();
        long ticks = children.stream()
                .mapToLong(pid -> ticks(pid, USER) + ticks(pid, SYSTEM))
                .sum();
        for (int field : new int[] {USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED}) {
            ticks += ticks(postmaster, field);
        }
        return (double) ticks * NANOS_PER_TICK;
    }

    private static long ticks(long pid, int field) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[field]);
        } catch (IOException e) {
            // It has ended.
            return 0;
        }
    }
}
