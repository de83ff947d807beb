package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.Schema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Whether the history says that exactly the files of this release were applied, unchanged. Then Flyway would do nothing, and
 * is not even loaded. Thread-safe; blocks on the database.
 *
 * <p>It answers yes only where every row is the expected one. Whatever else it meets (a file that is missing, newer, changed,
 * failed, marked by hand, a history that cannot be read) is Flyway's to judge, and to explain.
 */
final class SchemaHistory {

    private final DataSource dataSource;
    private final String schema;

    SchemaHistory(DataSource dataSource, String schema) {
        this.dataSource = dataSource;
        this.schema = Schema.checkName(schema);
    }

    /** One statement that takes no lock others wait for; it sees a migration of another process once that is committed. */
    boolean isOfThisRelease() {
        try {
            // The last row of each file counts: one that may be repeated has a row for each text that it had.
            Map<String, ReleasedFile> applied = new HashMap<>();
            try (Connection connection = dataSource.getConnection();
                    PreparedStatement select = connection.prepareStatement(SchemaStatements.history(schema));
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean("applied_from_file")) {
                        return false;
                    }
                    var file = new ReleasedFile(
                            row.getString("version"),
                            row.getString("description"),
                            row.getString("script"),
                            row.getInt("checksum"));
                    ReleasedFile before = applied.put(file.script(), file);
                    if (before != null && !file.isRepeatable()) {
                        return false;
                    }
                }
            }
            return Set.copyOf(applied.values()).equals(Set.copyOf(ReleasedFile.all(schema)));
        } catch (SQLException | IOException e) {
            // Flyway meets the same, and its message is explained to the user.
            return false;
        }
    }
}
