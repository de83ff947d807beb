package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.StateLoader.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * States that are the rows of one table or view, one query a batch: a JSON object with a field for each column. Thread-safe; blocks
 * on the database.
 *
 * <p>How the table is read is kept; each query compares what the catalog says with what was kept, since a column that was added
 * would not make it fail, only be forgotten.
 */
final class TableSource implements StateSource {

    private final TableReader reader;
    private final StateTable key;
    private volatile @Nullable TablePlan plan;

    TableSource(TableReader reader, StateTable key) {
        this.reader = reader;
        this.key = key;
    }

    @Override
    public Loaded load(Request request) throws Exception {
        Map<Aggregate, Refused> rejected = new HashMap<>();
        List<Aggregate> fit = new ArrayList<>(request.aggregates().size());
        for (Aggregate aggregate : request.aggregates()) {
            int parts = aggregate.idParts().size();
            if (parts == key.keyColumns().size()) {
                fit.add(aggregate);
            } else {
                rejected.put(
                        aggregate,
                        new Refused(
                                "aggregate id has " + parts + " parts, table " + key.shown() + " has the key columns "
                                        + key.keyColumns(),
                                0));
            }
        }
        if (fit.isEmpty()) {
            return new Loaded(Map.of(), rejected, Set.of());
        }
        return load(request.of(fit), rejected);
    }

    private Loaded load(Request request, Map<Aggregate, Refused> rejected) throws SQLException, TimeoutException {
        TablePlan known = plan;
        if (known != null) {
            Optional<Loaded> loaded = attempt(known, request, rejected, false);
            if (loaded.isPresent()) {
                return loaded.get();
            }
        }
        TablePlan fresh = reader.plan(key, request.deadline().left());
        plan = fresh;
        return attempt(fresh, request, rejected, true)
                .orElseThrow(() -> new SQLRecoverableException(
                        "table " + key.shown() + " was changed while it was read, twice; it is read again"));
    }

    /** Empty if the table is not what the plan was made for. */
    private Optional<Loaded> attempt(
            TablePlan current, Request request, Map<Aggregate, Refused> rejected, boolean fresh)
            throws SQLException, TimeoutException {
        try {
            return reader.inTransaction(
                    request.deadline().left(), connection -> read(connection, current, request, rejected));
        } catch (SQLException e) {
            if (!fresh && isOutdated(e)) {
                return Optional.empty();
            }
            if (request.aggregates().size() == 1
                    && isData(e)
                    && !isKey(current, request.aggregates().get(0), request)) {
                var all = new HashMap<>(rejected);
                all.put(
                        request.aggregates().get(0),
                        new Refused(
                                "the parts of the aggregate id are not of the types of the key columns "
                                        + current.keys().stream()
                                                .map(k -> k.name() + " " + k.castType())
                                                .toList()
                                        + " of table " + key.shown(),
                                0));
                return Optional.of(new Loaded(Map.of(), all, Set.of()));
            }
            throw e;
        }
    }

    private Optional<Loaded> read(
            Connection connection, TablePlan current, Request request, Map<Aggregate, Refused> rejectedBefore)
            throws SQLException {
        var states = new HashMap<Aggregate, State>();
        var rejected = new HashMap<>(rejectedBefore);
        var left = new HashSet<Aggregate>();
        var seen = new HashSet<Aggregate>();
        try (PreparedStatement select =
                connection.prepareStatement(reader.statements().load(current))) {
            bind(select, current, request);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean("same_primary") || row.getInt("epoch") != request.epoch()) {
                        throw new SQLRecoverableException(
                                "the server that was read is not the one that drew the versions, expected the primary"
                                        + " of epoch " + request.epoch() + "; it is read again");
                    }
                    if (row.getLong("shape") != current.shape()) {
                        return Optional.empty();
                    }
                    Aggregate aggregate = request.aggregates().get(row.getInt("place") - 1);
                    long bytes = row.getLong("bytes");
                    boolean exists = !row.wasNull();
                    if (!seen.add(aggregate)) {
                        throw new IllegalStateException("table " + key.shown() + " has more than one row for "
                                + aggregate + ", expected its key columns " + key.keyColumns()
                                + " to be unique. Next: name others");
                    }
                    if (row.getBoolean("is_left")) {
                        left.add(aggregate);
                    } else if (exists && bytes > request.limits().payloadBytes()) {
                        // It was not sent, so it took no memory.
                        rejected.put(aggregate, new Refused(TooLarge.reason(bytes, request.limits()), 0));
                    } else if (exists) {
                        states.put(aggregate, new State(row.getBytes("payload"), key.aggregateType(), 1));
                    }
                }
            }
        }
        return Optional.of(new Loaded(states, rejected, left));
    }

    private static void bind(PreparedStatement select, TablePlan current, Request request) throws SQLException {
        select.setLong(1, request.limits().bytes());
        select.setLong(2, request.limits().payloadBytes());
        select.setLong(3, request.limits().bytes());
        select.setLong(4, request.limits().payloadBytes());
        for (int part = 0; part < current.keys().size(); part++) {
            int place = part;
            select.setArray(
                    5 + part,
                    select.getConnection()
                            .createArrayOf(
                                    "text",
                                    request.aggregates().stream()
                                            .map(aggregate ->
                                                    aggregate.idParts().get(place))
                                            .toArray(String[]::new)));
        }
    }

    /** Whether the id can be one of the table at all. */
    private boolean isKey(TablePlan current, Aggregate aggregate, Request request)
            throws SQLException, TimeoutException {
        try {
            return reader.inTransaction(request.deadline().left(), connection -> {
                try (PreparedStatement casts = connection.prepareStatement(StateStatements.tryCasts(current))) {
                    List<String> parts = aggregate.idParts();
                    for (int i = 0; i < parts.size(); i++) {
                        casts.setString(i + 1, parts.get(i));
                    }
                    return casts.execute();
                }
            });
        } catch (SQLException e) {
            if (isData(e)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isData(SQLException e) {
        return inClass(e, "22") || inClass(e, "23");
    }

    /** A right that is missing is no change of the table: it is the same at the next look. */
    private static boolean isOutdated(SQLException e) {
        return (inClass(e, "42") && !"42501".equals(e.getSQLState())) || inClass(e, "0A");
    }

    private static boolean inClass(SQLException e, String sqlStateClass) {
        return e.getSQLState() != null && e.getSQLState().startsWith(sqlStateClass);
    }
}
