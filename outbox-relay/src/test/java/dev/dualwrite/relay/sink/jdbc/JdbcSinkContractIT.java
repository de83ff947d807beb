package dev.dualwrite.relay.sink.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.testkit.SinkContract;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The sink for PostgreSQL keeps the contract of every sink, and claims all of it. */
class JdbcSinkContractIT extends SinkContract {

    private static final Secondary SECONDARY = new Secondary();
    private static final HikariDataSource POOL = new HikariDataSource();

    @BeforeAll
    static void createTable() {
        SECONDARY.run("CREATE TABLE copy (id text PRIMARY KEY, state text CHECK (state <> 'refused'),"
                + " dualwrite_version bigint NOT NULL DEFAULT 0)");
        POOL.setDataSource(SECONDARY.dataSource());
    }

    @AfterAll
    static void closePool() {
        POOL.close();
    }

    @Override
    protected Sink sink() throws SQLException {
        JdbcSink sink = JdbcSink.builder(POOL)
                .table("copy")
                .keyColumns("id")
                .timeout(Duration.ofSeconds(5))
                .build();
        sink.validate();
        return sink;
    }

    @Override
    protected Optional<String> held(Aggregate aggregate) throws SQLException {
        try (Connection connection = POOL.getConnection();
                PreparedStatement select = connection.prepareStatement("SELECT state FROM copy WHERE id = ?")) {
            // An id is text with its separators escaped; the sink fills key columns with its parts.
            select.setString(1, aggregate.idParts().get(0));
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    @Override
    protected byte[] payload(String state) {
        return "{\"state\":\"%s\"}".formatted(state).getBytes(UTF_8);
    }

    @Override
    protected Optional<byte[]> badPayload() {
        return Optional.of("{".getBytes(UTF_8));
    }

    @Override
    protected Optional<byte[]> failingPayload() {
        return Optional.of(payload("refused"));
    }

    @Override
    protected Optional<AutoCloseable> stall() throws SQLException {
        Connection locker = SECONDARY.dataSource().getConnection();
        locker.setAutoCommit(false);
        try (Statement lock = locker.createStatement()) {
            lock.execute("LOCK TABLE copy IN ACCESS EXCLUSIVE MODE");
        }
        return Optional.of(locker);
    }

    @Override
    protected Duration patience() {
        return Duration.ofSeconds(30);
    }
}
