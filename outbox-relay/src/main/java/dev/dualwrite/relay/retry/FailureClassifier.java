package dev.dualwrite.relay.retry;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Whose fault a failed apply is: the store's (then the sink pauses and no attempt is counted) or an entry's (then the batch
 * is halved until it is found). It looks through the causes; the first that says something decides.
 */
public final class FailureClassifier {

    /** A chain of causes longer than this is a circle or nonsense. */
    private static final int MAX_DEPTH = 20;

    private static final Set<String> OF_THE_STORE = Set.of("25006", "25P03", "25P04", "55P03");

    private FailureClassifier() {}

    /** Whether the store as a whole could not do its work. */
    public static boolean isStoreFailure(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause instanceof SQLException sql) {
                return isStoreFailure(sql);
            }
            if ((cause instanceof IOException && !isAboutData(cause))
                    || cause instanceof TimeoutException
                    || cause instanceof OutboxConfigurationException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Whether a call took too long, by the relay's clock or by the store's own. */
    public static boolean isTimeout(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause instanceof TimeoutException
                    || cause instanceof SQLTimeoutException
                    || (cause instanceof SQLException sql && "57014".equals(sql.getSQLState()))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Parsers and decoders throw I/O exceptions too, and those are about one payload. */
    private static boolean isAboutData(Throwable failure) {
        if (failure instanceof CharacterCodingException) {
            return true;
        }
        for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
            String name = type.getSimpleName();
            if (name.equals("JsonProcessingException") || name.equals("JacksonException")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isStoreFailure(SQLException failure) {
        if (failure instanceof SQLTransientException || failure instanceof SQLRecoverableException) {
            return true;
        }
        String state = failure.getSQLState();
        return state != null && isStoreFailure(state);
    }

    // 08 connection, 25006 read only (a replica after a failover), 25P03 and 25P04 a transaction that lasted too long,
    // 28 login, 3D no such database, 40 deadlock and
    // serialization, 42 a table, a column or a right is missing, 53 out of resources, 55P03 lock timeout, 57 shutdown
    // or cancelled,
    // 58 system error. None of them is cured by setting an entry aside.
    private static boolean isStoreFailure(String state) {
        if (state.length() < 2) {
            return false;
        }
        return switch (state.substring(0, 2)) {
            case "08", "28", "3D", "40", "42", "53", "57", "58" -> true;
            default -> OF_THE_STORE.contains(state);
        };
    }

    /** What it says, for a person; of a database only the first line: below it can stand a whole row. */
    public static String messageOf(Throwable failure) {
        String message = failure.getMessage();
        if (message == null) {
            return "no message";
        }
        int end = failure instanceof SQLException ? message.indexOf('\n') : -1;
        return end < 0 ? message : message.substring(0, end);
    }

    /** The innermost exception of the chain that has a message, for the person who reads the stuck entry. */
    public static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        @Nullable Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause.getMessage() != null) {
                root = cause;
            }
            cause = cause.getCause();
        }
        return root;
    }
}
