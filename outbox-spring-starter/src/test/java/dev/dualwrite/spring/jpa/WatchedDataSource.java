package dev.dualwrite.spring.jpa;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Counts the statements that go through it, and lets something happen before one of them. */
final class WatchedDataSource extends DelegatingDataSource {

    private final AtomicInteger executed = new AtomicInteger();
    private volatile int at;
    private volatile Runnable event = () -> {};

    WatchedDataSource(DataSource target) {
        super(target);
    }

    /** From now on it counts from zero. */
    void reset() {
        executed.set(0);
        at = 0;
    }

    int executed() {
        return executed.get();
    }

    /** Lets something happen before the statement of that number, from one. */
    void before(int statement, Runnable what) {
        reset();
        event = what;
        at = statement;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return watched(Connection.class, super.getConnection());
    }

    private <T> T watched(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("execute") && executed.incrementAndGet() == at) {
                        event.run();
                    }
                    return watchedResult(method, call(target, method, arguments));
                }));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Object watchedResult(Method method, Object result) {
        return result instanceof Statement && Statement.class.isAssignableFrom(method.getReturnType())
                ? watched((Class) method.getReturnType(), result)
                : result;
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
