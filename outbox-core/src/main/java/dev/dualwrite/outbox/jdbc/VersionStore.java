package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Draws versions that are above every one that was drawn before. Thread-safe; blocks on the database, in a transaction of its own. */
public final class VersionStore {

    private final Statements sql;
    private final PostgresStatements statements;

    /** A store on connections in autocommit mode. */
    public VersionStore(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * So many new versions, rising. When this returns they are on the primary's disk: after a crash of it none is drawn again.
     *
     * @param count from 1
     * @throws OutboxStoreException if the primary refuses, or is not the server that the epoch stands for: it may have forgotten
     *     numbers, and the relay is about to raise the epoch
     */
    public List<Version> draw(int count) {
        return sql.run("drawing " + count + " versions", statements.drawVersions, select -> {
            select.setInt(1, count);
            var drawn = new ArrayList<Version>(count);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean("same_primary")) {
                        throw notThePrimary();
                    }
                    drawn.add(Version.of(row.getInt("epoch"), row.getLong("number")));
                }
            }
            drawn.sort(null);
            return drawn;
        });
    }

    private static SQLException notThePrimary() {
        return new SQLRecoverableException(
                "the server that answered is not the one that the epoch stands for, expected it to be;"
                        + " the relay raises the epoch at its next poll",
                "08004");
    }
}
