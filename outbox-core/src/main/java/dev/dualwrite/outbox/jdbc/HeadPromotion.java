package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Aggregate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** Lets the next held entry of aggregates be tried, within a transaction of the caller. */
final class HeadPromotion {

    private HeadPromotion() {}

    static void promote(Connection connection, PostgresStatements statements, Lane lane, Heads heads)
            throws SQLException {
        List<Aggregate> aggregates = List.copyOf(heads.aggregates());
        try (PreparedStatement update = connection.prepareStatement(statements.promoteHeads)) {
            update.setArray(1, Statements.array(connection, "text", aggregates, Aggregate::type));
            update.setArray(2, Statements.array(connection, "text", aggregates, Aggregate::id));
            update.setShort(3, lane.sinkId());
            update.setInt(4, lane.shard());
            update.setShort(5, lane.sinkId());
            update.setInt(6, lane.shard());
            update.setBoolean(7, heads.fullState());
            update.setShort(8, lane.sinkId());
            update.setInt(9, lane.shard());
            update.executeUpdate();
        }
    }

    /** Of which aggregates, and whether the newest is tried behind a dead one. */
    record Heads(Collection<Aggregate> aggregates, boolean fullState) {}
}
