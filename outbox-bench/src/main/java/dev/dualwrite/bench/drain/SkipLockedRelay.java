package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/**
 * L4: what library peers do, on one thread: claim a hundred rows with SKIP LOCKED, call the handler once a row, mark each row
 * as done. In its favour, so harder for us: the rows are stored as columns, so that no payload is parsed; the handler is one
 * prepared upsert in autocommit; nothing is guarded, and what is done is never cleared away.
 */
final class SkipLockedRelay implements Contender, AutoCloseable {

    private static final String OUTBOX = "simple_outbox";

    // Named as the rows of the secondary, so that the same orders can be put in; dualwrite_version is not used.
    private static final String TABLE = """
            CREATE TABLE simple_outbox (
                number bigserial PRIMARY KEY,
                status text NOT NULL DEFAULT 'NEW',
                id text NOT NULL,
                customer text NOT NULL,
                amount numeric NOT NULL,
                state text NOT NULL,
                note text,
                dualwrite_version bigint NOT NULL
            )
            """;

    private static final String CLAIM = """
            SELECT number, id, customer, amount, state, note
            FROM simple_outbox
            WHERE status = 'NEW'
            ORDER BY number
            LIMIT 100
            FOR UPDATE SKIP LOCKED
            """;

    private static final String UPSERT = """
            INSERT INTO orders (id, customer, amount, state, note, dualwrite_version)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE
            SET customer = EXCLUDED.customer, amount = EXCLUDED.amount, state = EXCLUDED.state, note = EXCLUDED.note,
                dualwrite_version = EXCLUDED.dualwrite_version
            """;

    private static final String DONE = """
            UPDATE simple_outbox
            SET status = 'DONE'
            WHERE number = ?
            """;

    private final Database primary;
    private final Secondary secondary;
    private final Measured measured;
    private final int entries;

    SkipLockedRelay(Group.Bench bench, int entries) {
        this.primary = bench.primary().createDatabase("skip_locked");
        this.secondary = new Secondary(bench.secondary(), "skip_locked", entries);
        this.measured = new Measured(bench.primary(), bench.secondary());
        this.entries = entries;
        primary.run(TABLE);
        primary.run("CREATE INDEX simple_outbox_status ON simple_outbox (status, number)");
    }

    @Override
    public String name() {
        return "L4 naive SKIP LOCKED relay";
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        secondary.reset();
        primary.run("TRUNCATE " + OUTBOX);
        Orders.insert(primary, OUTBOX, 0, 0, entries);
        primary.run("VACUUM ANALYZE " + OUTBOX);
        primary.cluster().checkpoint();
        Map<Metric, Double> values;
        try (Connection from = primary.pool().getConnection();
                Connection to = secondary.database().pool().getConnection();
                PreparedStatement claim = from.prepareStatement(CLAIM);
                PreparedStatement done = from.prepareStatement(DONE);
                PreparedStatement upsert = to.prepareStatement(UPSERT)) {
            from.setAutoCommit(false);
            values = measured.of(entries, () -> {
                while (batch(claim, upsert, done) > 0) {
                    from.commit();
                }
                from.commit();
            });
        }
        verify();
        return values;
    }

    private int batch(PreparedStatement claim, PreparedStatement upsert, PreparedStatement done) throws SQLException {
        int moved = 0;
        try (ResultSet row = claim.executeQuery()) {
            while (row.next()) {
                handle(row, upsert);
                done.setLong(1, row.getLong("number"));
                done.executeUpdate();
                moved++;
            }
        }
        return moved;
    }

    private void handle(ResultSet row, PreparedStatement upsert) throws SQLException {
        BigDecimal amount = row.getBigDecimal("amount");
        upsert.setString(1, row.getString("id"));
        upsert.setString(2, row.getString("customer"));
        upsert.setBigDecimal(3, amount);
        upsert.setString(4, row.getString("state"));
        upsert.setString(5, row.getString("note"));
        upsert.setLong(6, secondary.nextVersion());
        upsert.executeUpdate();
    }

    private void verify() {
        secondary.verify(name());
        long open = primary.number("SELECT count(*) FROM simple_outbox WHERE status <> 'DONE'");
        if (open != 0) {
            throw new IllegalStateException("after '" + name() + "' " + open + " rows are open, expected none");
        }
    }

    @Override
    public void close() {
        primary.close();
        secondary.close();
    }
}
