package dev.dualwrite.spring.autoconfigure;

import static org.awaitility.Awaitility.await;

import dev.dualwrite.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A session that listens, as a relay elsewhere does: one notification for each that was sent, with who sent it. */
final class Notifications implements AutoCloseable {

    private final Connection connection;
    private final List<Integer> senders = new ArrayList<>();

    Notifications(TestDatabase database, String channel) throws SQLException {
        connection = database.dataSource().getConnection();
        try (Statement listen = connection.createStatement()) {
            listen.execute("LISTEN " + channel);
        }
    }

    /** The server process of each sender so far, in order. */
    List<Integer> senders() {
        look(1);
        return senders;
    }

    /** Waits until none came for half a second. */
    void awaitSilence() {
        while (look(500)) {
            // Goes on as long as some come.
        }
    }

    void awaitSome(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> senders().size() >= count);
    }

    private boolean look(int millis) {
        try {
            PGNotification[] came = connection.unwrap(PGConnection.class).getNotifications(millis);
            for (PGNotification notification : came) {
                senders.add(notification.getPID());
            }
            return came.length > 0;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
