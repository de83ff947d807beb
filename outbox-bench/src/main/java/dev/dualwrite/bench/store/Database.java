package dev.dualwrite.bench.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.Schema;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One database of a cluster, with a pool of connections. Thread-safe. */
public final class Database implements AutoCloseable {

    private final Cluster cluster;
    private final String name;
    private final HikariDataSource pool;

    Database(Cluster cluster, String name, HikariDataSource pool) {
        this.cluster = cluster;
        this.name = name;
        this.pool = pool;
    }

    public Cluster cluster() {
        return cluster;
    }

    public String name() {
        return name;
    }

    public HikariDataSource pool() {
        return pool;
    }

    /** Connections on which every statement is counted, see {@link Cluster#countStatements}; the caller closes them. */
    public HikariDataSource countedPool() {
        return cluster.countedPool(name);
    }

    public JdbcClient sql() {
        return JdbcClient.create(pool);
    }

    /** Runs a statement that answers nothing of interest. */
    public void run(String statement) {
        sql().sql(statement).update();
    }

    /** The one number that a query answers with. */
    public long number(String query) {
        return sql().sql(query).query(Long.class).single();
    }

    /**
     * Installs the outbox.
     *
     * @return the number of the sink
     */
    public short installOutbox(int shards, String sink) {
        run("CREATE SCHEMA dualwrite");
        run(Schema.script("dualwrite", shards));
        return new ControlStore(pool, "dualwrite")
                .registerSinks(List.of(sink))
                .values()
                .iterator()
                .next();
    }

    /** Drops it: what is left over would be vacuumed while others are measured. */
    @Override
    public void close() {
        pool.close();
        cluster.server().dropDatabase(name);
    }
}
