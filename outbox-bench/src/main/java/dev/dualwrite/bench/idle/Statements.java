package dev.dualwrite.bench.idle;

import dev.dualwrite.bench.store.Database;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The statements that the sessions of one database ran. Thread-safe. */
final class Statements implements AutoCloseable {

    private static final String CALLS = """
            SELECT s.query, s.calls
            FROM pg_stat_statements s
            JOIN pg_database d ON d.oid = s.dbid
            WHERE d.datname = ?
            """;

    private final Database observer;
    private final JdbcClient sql;
    private final String observed;

    /** Asks in a database of its own, so as not to count itself. */
    Statements(Database observed) {
        this.observed = observed.name();
        this.observer = observed.cluster().createDatabase("idle_observer");
        this.sql = observer.sql();
        observer.run("CREATE EXTENSION pg_stat_statements");
        observed.cluster().countStatements(true);
    }

    /**
     * How often statements were run.
     *
     * @param byKind what they were for
     * @param others those for nothing of that, by their text
     */
    record Calls(Map<Kind, Long> byKind, Map<String, Long> others) {
        long of(Kind kind) {
            return byKind.getOrDefault(kind, 0L);
        }
    }

    /** Since they are counted. */
    Calls calls() {
        var calls = new Calls(new EnumMap<>(Kind.class), new TreeMap<>());
        sql.sql(CALLS).param(observed).query(row -> {
            String text = row.getString(1);
            Kind kind = Kind.of(text);
            calls.byKind().merge(kind, row.getLong(2), Long::sum);
            if (kind == Kind.OTHER) {
                calls.others().merge(text.replaceAll("\\s+", " ").strip(), row.getLong(2), Long::sum);
            }
        });
        return calls;
    }

    @Override
    public void close() {
        observer.cluster().countStatements(false);
        observer.close();
    }
}
