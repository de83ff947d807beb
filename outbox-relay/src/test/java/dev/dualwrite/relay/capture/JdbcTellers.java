package dev.dualwrite.relay.capture;

import dev.dualwrite.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same tables and transactions by JDBC, for machines that have no pgbench. */
final class JdbcTellers implements TellerLoad {

    private static final long SEED = Long.getLong("dualwrite.seed", 20261121L);
    private static final int ACCOUNTS = 100_000;
    private static final int TELLERS = 10;

    private static final List<String> TRANSACTION = List.of(
            "UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid",
            "SELECT abalance FROM pgbench_accounts WHERE aid = :aid",
            "UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid",
            "UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = 1",
            "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, 1, :aid, :delta, CURRENT_TIMESTAMP)");

    private final TestDatabase database;

    JdbcTellers(TestDatabase database) {
        this.database = database;
    }

    @Override
    public TestDatabase database() {
        return database;
    }

    @Override
    public void create() throws SQLException {
        execute(
                "CREATE TABLE pgbench_branches (bid integer NOT NULL PRIMARY KEY, bbalance integer, filler char(88))",
                "CREATE TABLE pgbench_tellers (tid integer NOT NULL PRIMARY KEY, bid integer, tbalance integer, filler char(84))",
                "CREATE TABLE pgbench_accounts (aid integer NOT NULL PRIMARY KEY, bid integer, abalance integer, filler char(84))",
                "CREATE TABLE pgbench_history (tid integer, bid integer, aid integer, delta integer, mtime timestamp,"
                        + " filler char(22))",
                "INSERT INTO pgbench_branches VALUES (1, 0)",
                "INSERT INTO pgbench_tellers SELECT n, 1, 0 FROM generate_series(1, %d) AS n".formatted(TELLERS),
                "INSERT INTO pgbench_accounts SELECT n, 1, 0, '' FROM generate_series(1, %d) AS n".formatted(ACCOUNTS));
    }

    @Override
    public void run(int transactions, boolean emptyHistory) throws Exception {
        if (emptyHistory) {
            execute("TRUNCATE pgbench_history");
        }
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            var running = new ArrayList<Future<?>>();
            for (int client = 0; client < CLIENTS; client++) {
                var random = new Random(SEED + client);
                running.add(clients.submit(() -> {
                    client(transactions, random);
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private void client(int transactions, Random random) throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                int account = 1 + random.nextInt(ACCOUNTS);
                int teller = 1 + random.nextInt(TELLERS);
                int delta = random.nextInt(10_001) - 5_000;
                for (String step : TRANSACTION) {
                    try (PreparedStatement statement = connection.prepareStatement(step.replace(":aid", "" + account)
                            .replace(":tid", "" + teller)
                            .replace(":delta", "" + delta))) {
                        statement.execute();
                    }
                }
                connection.commit();
            }
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public String toString() {
        return "the same by JDBC, seed " + SEED;
    }
}
