package dev.dualwrite.relay.chaos;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.postgres.Shutdown;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What happens to the server of the primary, and what a service does to it. */
final class PrimaryFaults {

    private PrimaryFaults() {}

    /** An operator restarts it. */
    record RestartPrimaryFast() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            cluster.primary.restart(Shutdown.FAST);
        }
    }

    /** It crashes and recovers from its log. */
    record RestartPrimaryImmediate() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            cluster.primary.restart(Shutdown.IMMEDIATE);
        }
    }

    /** An asynchronous standby takes over that misses half a second of commits: they are lost, their numbers drawn again. */
    record FailOver() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            cluster.primary.holdBackStandby();
            cluster.pace.pause(500);
            cluster.primary.failOver();
        }
    }

    /** An entry that draws its number early and commits late: later numbers of its lane are settled long before. */
    record LongTransaction() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            int id = Ledger.AGGREGATES - cluster.random.nextInt(Ledger.OF_LONG_TRANSACTIONS);
            try (Connection connection = cluster.beginAtPrimary()) {
                cluster.ledger.write(connection, List.of(id), cluster.random::nextBoolean);
                cluster.pace.pause(Duration.ofSeconds(3));
                connection.commit();
            } catch (SQLException | OutboxStoreException e) {
                // The fault before left the pool with a connection that is gone: this one is then a writer that fails.
                LoggerFactory.getLogger(getClass()).info("long_transaction_failed error={}", e.toString());
            }
        }
    }

    /** A person takes the sink out for two seconds. */
    record PauseSink() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            boolean operatorsFunctions = !Outbox.rows(
                            cluster.primary.store(),
                            "SELECT 1 WHERE to_regprocedure('dualwrite.pause_sink(text, text)') IS NOT NULL")
                    .isEmpty();
            act(cluster, operatorsFunctions ? "SELECT dualwrite.pause_sink('copy', 'chaos')" : """
                    UPDATE dualwrite.sink SET paused_at = now(), paused_by = 'chaos', paused_reason = 'chaos';
                    UPDATE dualwrite.control SET version = version + 1
                    """);
            cluster.pace.pause(2000);
            act(cluster, operatorsFunctions ? "SELECT dualwrite.resume_sink('copy', 'chaos')" : """
                    UPDATE dualwrite.sink SET paused_at = NULL, paused_by = NULL, paused_reason = NULL;
                    UPDATE dualwrite.control SET version = version + 1
                    """);
        }

        private static void act(Cluster cluster, String sql) throws SQLException {
            cluster.primary.store().run(sql);
        }
    }
}
