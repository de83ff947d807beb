package dev.dualwrite.spring.bypass;

import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Measures what looking at statements costs: a main method, no test, since times differ from machine to machine. */
final class BypassCost {

    private static final int CALLS = 10_000;
    private static final String READ = "SELECT status FROM orders WHERE id = ?";

    private interface Call {
        void make() throws SQLException;
    }

    private BypassCost() {}

    /** Prints the medians. */
    public static void main(String[] arguments) throws SQLException {
        var tables = new CapturedTables(Map.of("orders", "Order"));
        var allowed = new CaptureBypass();
        var detector = new BypassDetector(tables, List.of("public"), allowed, BypassMode.WARN);
        try (Connection raw = TestDatabases.create().dataSource().getConnection()) {
            Connection watched = WatchedConnection.of(raw, detector);
            report("prepare and close, not watched", () -> prepare(raw));
            report("prepare and close, watched", () -> prepare(watched));
            report("a proxy for a connection", () -> watch(raw, detector));
            report("text of no captured table", () -> detector.check(READ));
            report("stack of 20 frames", () -> deep(20));
            report("stack of 150 frames", () -> deep(150));
        }
    }

    private static void watch(Connection connection, BypassDetector detector) throws SQLException {
        // Something has to be done with it, or it would not be made.
        WatchedConnection.of(connection, detector).clearWarnings();
    }

    private static void prepare(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setFetchSize(10);
        }
    }

    /** A stack without Hibernate is walked to its end: the worst case. */
    private static void deep(int frames) {
        if (frames > 0) {
            deep(frames - 1);
        } else {
            Callers.areHibernatesEntityWrites();
        }
    }

    private static void report(String what, Call call) throws SQLException {
        long[] rounds = new long[9];
        for (int round = 0; round < rounds.length; round++) {
            long begin = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                call.make();
            }
            rounds[round] = (System.nanoTime() - begin) / CALLS;
        }
        Arrays.sort(rounds);
        System.out.printf("%-35s %6d ns%n", what, rounds[rounds.length / 2]);
    }
}
