package dev.dualwrite.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Runs statements, rolls them back, and tells with which plans the server ran them: theirs, those of the functions they call
 * and those of constraints. Thread-safe; blocks on the database.
 *
 * <p>Better than EXPLAIN in front of the statement: EXPLAIN plans with the values in hand whatever {@code plan_cache_mode} is,
 * so it never shows what a statement gets that the driver has prepared at the server; and what was read counts, not what was
 * guessed. The server's module {@code auto_explain} writes it to the session's own log messages.
 */
public final class PlanWatch {

    private static final List<String> SETTINGS = List.of(
            "LOAD 'auto_explain'",
            "SET auto_explain.log_analyze = on",
            "SET auto_explain.log_buffers = on",
            "SET auto_explain.log_timing = off",
            "SET auto_explain.log_nested_statements = on",
            "SET client_min_messages = log");

    /** The array types of the driver for what parameters are made of. */
    private static final Map<Class<?>, String> ARRAYS = Map.of(
            Short[].class, "int2",
            Integer[].class, "int4",
            Long[].class, "int8",
            Boolean[].class, "bool",
            String[].class, "text",
            byte[][].class, "bytea");

    private final DataSource dataSource;

    /** A watch over statements in this database; the user must be a superuser. */
    public PlanWatch(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** How the server plans a statement with parameters. */
    public enum Mode {
        /** For these values: the first five times. */
        CUSTOM("force_custom_plan"),
        /** For any values: from then on, if it is not guessed to be dearer. */
        GENERIC("force_generic_plan");

        private final String setting;

        Mode(String setting) {
            this.setting = setting;
        }
    }

    /**
     * The plans that a statement was run with; none if the server has no plan for it, as for NOTIFY.
     *
     * @param parameters as the driver takes them, arrays as arrays of their boxes
     */
    public List<RunPlan> plansOf(Mode mode, String sql, Object... parameters) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement settings = connection.createStatement()) {
                for (String setting : SETTINGS) {
                    settings.execute(setting);
                }
                settings.execute("SET plan_cache_mode = " + mode.setting);
                settings.execute("SET auto_explain.log_min_duration = 0");
            }
            var told = new ArrayList<String>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    set(statement, i + 1, parameters[i]);
                }
                statement.execute();
                collect(statement.getWarnings(), told);
            }
            // The server closes a query when the next one comes, and tells its plan then.
            try (Statement next = connection.createStatement()) {
                next.execute("SET auto_explain.log_min_duration = -1");
                collect(next.getWarnings(), told);
            }
            connection.rollback();
            return told.stream().map(RunPlan::parse).toList();
        }
    }

    private static void set(PreparedStatement statement, int place, Object value) throws SQLException {
        String array = ARRAYS.get(value.getClass());
        if (array == null) {
            statement.setObject(place, value);
        } else {
            statement.setArray(place, statement.getConnection().createArrayOf(array, (Object[]) value));
        }
    }

    private static void collect(SQLWarning first, List<String> told) {
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            String message = warning.getMessage();
            if (message != null && message.contains(" plan:\n")) {
                told.add(message);
            }
        }
    }
}
