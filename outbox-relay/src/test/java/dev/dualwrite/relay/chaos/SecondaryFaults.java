package dev.dualwrite.relay.chaos;

import dev.dualwrite.postgres.Shutdown;
import java.sql.Connection;
import java.sql.Statement;

/** What happens to the server of the secondary. */
final class SecondaryFaults {

    private SecondaryFaults() {}

    /** An operator restarts it, or it crashes. */
    record RestartSecondary() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            cluster.secondary.store().restart(cluster.random.nextBoolean() ? Shutdown.FAST : Shutdown.IMMEDIATE);
        }
    }

    /** Somebody changes the table there: nobody else gets a row lock for longer than a call of the sink may take. */
    record LockSecondary() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            try (Connection connection = cluster.secondary.store().connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE copy IN ACCESS EXCLUSIVE MODE");
                cluster.pace.pause(2000);
                connection.rollback();
            }
        }
    }
}
