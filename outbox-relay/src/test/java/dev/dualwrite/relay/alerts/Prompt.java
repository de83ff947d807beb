package dev.dualwrite.relay.alerts;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;

/** Somebody at psql, who compares what is printed with the page. */
final class Prompt {

    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\S*");
    private static final Pattern HOST = Pattern.compile("^[\\w.-]+[:/]\\d+$");
    private static final Pattern NUMBER = Pattern.compile("(?<!\\w)(?!0$)\\d+(\\.\\d+)?");

    /** What it says of a connection differs with the moment in which it was cut. */
    private static final String DRIVER = "org.postgresql.util.PSQLException: ";

    private final JdbcTemplate sql;

    Prompt(JdbcTemplate sql) {
        this.sql = sql;
    }

    /** Rows of cells, the names of the columns first. */
    List<List<String>> run(String statement) {
        return sql.query(statement, (ResultSet result) -> {
            int columns = result.getMetaData().getColumnCount();
            var rows = new ArrayList<List<String>>();
            var names = new ArrayList<String>();
            for (int column = 1; column <= columns; column++) {
                names.add(result.getMetaData().getColumnLabel(column));
            }
            rows.add(names);
            while (result.next()) {
                rows.add(cells(result, columns));
            }
            return rows;
        });
    }

    private static List<String> cells(ResultSet result, int columns) throws SQLException {
        var cells = new ArrayList<String>();
        for (int column = 1; column <= columns; column++) {
            String cell = result.getString(column);
            cells.add(cell == null ? "" : cell);
        }
        return cells;
    }

    /** Times, numbers and hosts are another day's; but none is none. */
    static String stable(List<List<String>> rows) {
        return rows.stream()
                .map(row -> row.stream().map(Prompt::stable).collect(Collectors.joining(" | ")))
                .collect(Collectors.joining("\n"));
    }

    static List<List<String>> rows(String printed) {
        return printed.lines()
                .map(line -> Stream.of(line.split("\\|", -1)).map(String::strip).toList())
                .toList();
    }

    private static String stable(String cell) {
        if (HOST.matcher(cell).matches()) {
            return "<host>";
        }
        if (cell.startsWith(Stage.OPERATOR)) {
            return "alice";
        }
        if (cell.startsWith(DRIVER)) {
            return DRIVER;
        }
        return NUMBER.matcher(TIME.matcher(cell).replaceAll("<time>")).replaceAll("#");
    }
}
