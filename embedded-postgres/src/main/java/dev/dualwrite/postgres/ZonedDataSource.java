package dev.dualwrite.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens sessions in a given time zone. Nothing less than a SET works: the driver states the JVM's zone at login. */
final class ZonedDataSource extends PGSimpleDataSource {

    private final String zone;

    ZonedDataSource(String zone) {
        this.zone = zone;
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        Connection connection = super.getConnection(user, password);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE " + statement.enquoteLiteral(zone));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
