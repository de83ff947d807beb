package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Looks at a database, and does to it what a DBA would, from outside the service. */
record Sql(TestDatabase database) {

    void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of every row, as text. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            var values = new ArrayList<String>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    List<String> tables(String schema) throws SQLException {
        return query("SELECT tablename FROM pg_tables WHERE schemaname = '" + schema + "' ORDER BY 1");
    }

    /** Properties that let a service connect here. */
    String[] properties(String... more) {
        return propertiesOf(database.user(), more);
    }

    String[] propertiesOf(String user, String... more) {
        var properties = new ArrayList<>(List.of(
                "spring.datasource.url=" + database.url(),
                "spring.datasource.username=" + user,
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.maximum-pool-size=4",
                "spring.datasource.hikari.minimum-idle=0"));
        properties.addAll(List.of(more));
        return properties.toArray(String[]::new);
    }

    /** The same, as arguments of a main method. */
    String[] arguments(String... more) {
        return List.of(properties(more)).stream()
                .map(property -> "--" + property)
                .toArray(String[]::new);
    }
}
