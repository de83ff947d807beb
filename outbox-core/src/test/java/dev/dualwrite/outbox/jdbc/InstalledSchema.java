package dev.dualwrite.outbox.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.postgres.TestDatabases;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** A database of its own with our schema in it, installed the way a DBA would: the file, its placeholders put in. */
final class InstalledSchema {

    private final DataSource dataSource = TestDatabases.create().dataSource();
    private final String name;

    InstalledSchema(String name) throws SQLException {
        this.name = name;
        execute("CREATE SCHEMA " + name);
        execute(Schema.script(name, Schema.DEFAULT_SHARD_COUNT));
    }

    DataSource dataSource() {
        return dataSource;
    }

    String file(String path) {
        try (InputStream in = Schema.class.getResourceAsStream("/dev/dualwrite/schema/" + path)) {
            return new String(in.readAllBytes(), UTF_8)
                    .replace("${schema}", name)
                    .replace("${shardCount}", Integer.toString(Schema.DEFAULT_SHARD_COUNT));
        } catch (IOException e) {
            throw new IllegalStateException(path + " is not on the class path", e);
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of every row, as text. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            var values = new ArrayList<String>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
