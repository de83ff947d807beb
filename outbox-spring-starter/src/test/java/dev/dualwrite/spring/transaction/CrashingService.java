package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.postgres.TestDatabase;

/** A JVM that dies in a crash window of the write path. Its exit status tells that it did. */
final class CrashingService {

    static final int DIED_IN_WINDOW = 99;

    private CrashingService() {}

    /** Arguments: the window, then name, URL, user and password of a database with an outbox. */
    public static void main(String[] arguments) {
        var window = CrashWindow.valueOf(arguments[0]);
        var database = TestOutbox.in(new TestDatabase(arguments[1], arguments[2], arguments[3], arguments[4]));
        TestService service = TestService.start(database, database.pool(), TestService.Jdbc.class);
        service.onCrashWindow(reached -> {
            if (reached == window) {
                Runtime.getRuntime().halt(DIED_IN_WINDOW);
            }
        });
        service.transaction().executeWithoutResult(status -> {
            service.jdbc().update("INSERT INTO account (id) VALUES (1)");
            service.append("a");
        });
        service.close();
    }
}
