package dev.dualwrite.spring.transaction;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Counts the statements that are executed through it; a batch is one. */
public final class CountingDataSource extends DelegatingDataSource {

    private final AtomicInteger executed = new AtomicInteger();

    /** Around the real one. */
    public CountingDataSource(DataSource target) {
        super(target);
    }

    /** How many were executed so far. */
    public int executed() {
        return executed.get();
    }

    @Override
    public Connection getConnection() throws SQLException {
        return counted(Connection.class, super.getConnection());
    }

    private <T> T counted(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("execute")) {
                        executed.incrementAndGet();
                    }
                    return countedResult(method, call(target, method, arguments));
                }));
    }

    private Object countedResult(Method method, Object result) {
        @SuppressWarnings({"unchecked", "rawtypes"})
        Object counted = result instanceof Statement && Statement.class.isAssignableFrom(method.getReturnType())
                ? counted((Class) method.getReturnType(), result)
                : result;
        return counted;
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
