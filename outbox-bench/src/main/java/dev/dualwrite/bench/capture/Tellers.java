package dev.dualwrite.bench.capture;

import dev.dualwrite.bench.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The four tables of TPC-B as pgbench has them, and its transaction: three updates, one insert, one query. With ten branches, so
 * that eight clients do not only wait for one row. Thread-safe.
 */
final class Tellers implements AutoCloseable {

    private static final int BRANCHES = 10;
    private static final int TELLERS = 100;

    /** Each as a statement of its own, as pgbench sends them; the columns of a table that are not named stay empty. */
    private static final List<String> STEPS = List.of(
            "UPDATE account SET balance = balance + ? WHERE id = ?",
            "UPDATE teller SET balance = balance + ? WHERE id = ?",
            "UPDATE branch SET balance = balance + ? WHERE id = ?");

    private final Database database;
    private final int accounts;

    private Tellers(Database database, int accounts) {
        this.database = database;
        this.accounts = accounts;
    }

    /** Tables with so many accounts, and an outbox in the same database, whether the tables are captured or not. */
    static Tellers create(Database database, int accounts, boolean captured) {
        database.installOutbox(16, "copy");
        var tellers = new Tellers(database, accounts);
        tellers.fill("branch", BRANCHES);
        tellers.fill("teller", TELLERS);
        tellers.fill("account", accounts);
        database.run(
                "CREATE TABLE history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, teller integer, branch integer,"
                        + " account integer, delta integer, at timestamp, filler char(22))");
        if (captured) {
            for (String table : List.of("branch", "teller", "account", "history")) {
                database.number("SELECT dualwrite.capture_table('" + table + "', 'copy', '" + table + "', '{id}')");
            }
        }
        return tellers;
    }

    private void fill(String table, int rows) {
        database.run("CREATE TABLE " + table + " (id integer PRIMARY KEY, balance integer NOT NULL, filler char(84))"
                + " WITH (fillfactor = 90)");
        database.run("INSERT INTO " + table + " SELECT n, 0, '' FROM generate_series(1, " + rows + ") AS n");
        database.run("VACUUM ANALYZE " + table);
    }

    Database database() {
        return database;
    }

    int accounts() {
        return accounts;
    }

    /** Begins anew, as if a relay had taken everything. */
    void open() {
        database.run("TRUNCATE dualwrite.outbox_entry");
        database.run("VACUUM account, teller, branch");
    }

    long entries() {
        return database.number("SELECT count(*) FROM dualwrite.outbox_entry");
    }

    void transaction(Connection connection, RandomGenerator random) throws SQLException {
        int delta = random.nextInt(10_001) - 5_000;
        int[] ids = {
            1 + random.nextInt(accounts), 1 + random.nextInt(TELLERS), 1 + random.nextInt(BRANCHES),
        };
        for (int step = 0; step < STEPS.size(); step++) {
            try (PreparedStatement update = connection.prepareStatement(STEPS.get(step))) {
                update.setInt(1, delta);
                update.setInt(2, ids[step]);
                update.executeUpdate();
            }
            if (step == 0) {
                read(connection, ids[0]);
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO history (teller, branch, account, delta, at) VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP)")) {
            insert.setInt(1, ids[1]);
            insert.setInt(2, ids[2]);
            insert.setInt(3, ids[0]);
            insert.setInt(4, delta);
            insert.executeUpdate();
        }
        connection.commit();
    }

    private static void read(Connection connection, int account) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT balance FROM account WHERE id = ?")) {
            select.setInt(1, account);
            select.executeQuery().close();
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
