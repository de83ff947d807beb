package dev.dualwrite.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** An installation with the sinks copy and search, and a schema shop for the tables that a test captures. */
final class CaptureScene {

    private final InstalledSchema installed;
    private final Psql psql;

    CaptureScene() throws SQLException {
        installed = new InstalledSchema("dualwrite");
        psql = new Psql(installed.dataSource());
        run("SELECT dualwrite.register_sink('copy'), dualwrite.register_sink('search')");
    }

    /** As new: a database of its own for each test would take longer than the tests. */
    void clear() throws SQLException {
        run("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop");
        release();
    }

    /** Nothing is captured any more, and nothing was. */
    void release() throws SQLException {
        run("""
                DO $$
                DECLARE
                    captured integer;
                BEGIN
                    FOR captured IN SELECT t.capture_id FROM dualwrite.captured_table t LOOP
                        EXECUTE format('DROP FUNCTION dualwrite.capture_%s(), dualwrite.capture_%1$s_truncate() CASCADE', captured);
                    END LOOP;
                END
                $$;
                TRUNCATE dualwrite.captured_table, dualwrite.captured_entity, dualwrite.outbox_entry, dualwrite.audit_entry;
                """);
    }

    DataSource dataSource() {
        return installed.dataSource();
    }

    Connection connect() throws SQLException {
        return installed.dataSource().getConnection();
    }

    /** The same database for another user. */
    Connection connectAs(String user) throws SQLException {
        var source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) installed.dataSource()).getUrl());
        source.setUser(user);
        source.setPassword("any");
        return source.getConnection();
    }

    /** Runs statements in a session of their own, all of one text in one transaction. */
    void run(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            run(connection, statements);
        }
    }

    void runAs(String user, String... statements) throws SQLException {
        try (Connection connection = connectAs(user)) {
            run(connection, statements);
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        for (String statement : statements) {
            try (var run = connection.createStatement()) {
                run.execute(statement);
            }
        }
    }

    List<String> rows(String sql) throws SQLException {
        return psql.rows(sql);
    }

    /** Captures for the sink copy, as an aggregate type of the table's name. */
    void capture(String table, String keyColumns) throws SQLException {
        run("SELECT dualwrite.capture_table('shop.%1$s', 'copy', '%1$s', '{%2$s}')".formatted(table, keyColumns));
    }

    void captureWithTruncate(String table, String keyColumns) throws SQLException {
        run("SELECT dualwrite.capture_table('shop.%1$s', 'copy', '%1$s', '{%2$s}', 'record')"
                .formatted(table, keyColumns));
    }

    /** The aggregates that were written down since the last call, in the order of their numbers. */
    List<String> written() throws SQLException {
        List<String> entries = rows("""
                SELECT e.aggregate_type || ':' || e.aggregate_id
                FROM dualwrite.outbox_entry e
                ORDER BY e.sequence
                """);
        run("TRUNCATE dualwrite.outbox_entry");
        return entries;
    }
}
