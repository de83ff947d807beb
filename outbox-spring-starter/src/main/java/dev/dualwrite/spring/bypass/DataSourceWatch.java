package dev.dualwrite.spring.bypass;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Hands out connections as they are until the context is complete, and watched ones from then on: what is captured is known then,
 * and what creates or migrates the schema at startup is done. Thread-safe.
 */
final class DataSourceWatch implements SmartInitializingSingleton {

    private static final String SEARCH_PATH = """
            SELECT unnest(current_schemas(FALSE))
            """;

    private final CaptureBypass allowed;
    private final ObjectProvider<CapturedTables> tables;
    private final BypassMode mode;
    private volatile @Nullable DataSource watched;
    private volatile @Nullable BypassDetector detector;

    DataSourceWatch(CaptureBypass allowed, ObjectProvider<CapturedTables> tables, BypassMode mode) {
        this.allowed = allowed;
        this.tables = tables;
        this.mode = mode;
    }

    /** A proxy of the outbox's DataSource, to be used in its place. */
    DataSource watch(DataSource dataSource) {
        watched = dataSource;
        return WatchedDataSource.of(dataSource, this);
    }

    Connection watched(Connection connection) {
        BypassDetector looking = detector;
        return looking == null ? connection : WatchedConnection.of(connection, looking);
    }

    /**
     * Begins to look, if there is something to be seen. Where only half of what it takes is there, that is told.
     *
     * @throws OutboxStoreException if the primary cannot be asked for its search path
     */
    @Override
    public void afterSingletonsInstantiated() {
        if (mode == BypassMode.OFF) {
            return;
        }
        DataSource dataSource = watched;
        CapturedTables captured = tables.getIfAvailable();
        if (captured == null) {
            if (dataSource != null) {
                BypassLog.blind("captured_tables_are_not_known");
            }
        } else if (!captured.entities().isEmpty()) {
            if (dataSource == null) {
                BypassLog.blind("data_source_is_not_watched");
            } else {
                detector = new BypassDetector(captured, searchPathOf(dataSource), allowed, mode);
            }
        }
    }

    private static List<String> searchPathOf(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SEARCH_PATH)) {
            var schemas = new ArrayList<String>();
            while (rows.next()) {
                schemas.add(rows.getString(1));
            }
            return schemas;
        } catch (SQLException e) {
            throw new OutboxStoreException("the search path of the primary could not be read", e);
        }
    }
}
