package dev.dualwrite.spring.bypass;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A connection, or one of its plain statements, that shows each text to the detector before it goes on. Prepared statements are
 * the driver's own: their text was seen when they were prepared, so an execution and a row cost nothing. {@code unwrap} leads to
 * the driver's connection, past the detector. As thread-safe as what it wraps.
 */
final class WatchedConnection implements InvocationHandler {

    private final Object target;
    private final BypassDetector detector;
    private final @Nullable Object connection;

    private WatchedConnection(Object target, BypassDetector detector, @Nullable Object connection) {
        this.target = target;
        this.detector = detector;
        this.connection = connection;
    }

    static Connection of(Connection connection, BypassDetector detector) {
        return proxy(Connection.class, new WatchedConnection(connection, detector, null));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        switch (method.getName()) {
            case "prepareStatement",
                    "prepareCall",
                    "execute",
                    "executeQuery",
                    "executeUpdate",
                    "executeLargeUpdate",
                    "addBatch" -> {
                if (arguments != null && arguments[0] instanceof String sql) {
                    detector.check(sql);
                }
            }
            case "createStatement" -> {
                Statement statement = (Statement) call(method, arguments);
                return statement == null
                        ? null
                        : proxy(Statement.class, new WatchedConnection(statement, detector, proxy));
            }
            case "getConnection" -> {
                if (connection != null) {
                    return connection;
                }
            }
            // A prepared statement leads back to the target: Spring asks here whether it is the transaction's
            // connection, and
            // would otherwise close it in the midst of that.
            case "getTargetConnection" -> {
                return target;
            }
            case "equals" -> {
                return arguments != null && proxy == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            default -> {}
        }
        return call(method, arguments);
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, WatchedConnection handler) {
        return type.cast(Proxy.newProxyInstance(
                WatchedConnection.class.getClassLoader(), ProxiedInterfaces.of(handler.target, type), handler));
    }
}
