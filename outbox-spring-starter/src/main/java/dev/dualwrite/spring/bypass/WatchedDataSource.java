package dev.dualwrite.spring.bypass;

import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.util.ClassUtils;

/**
 * A proxy of a DataSource whose connections are watched. It is of the same class if that can be extended, so that a service that
 * injects its pool by class still gets it. As thread-safe as what it wraps.
 */
final class WatchedDataSource implements MethodInterceptor {

    private static final boolean HIKARI =
            ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", WatchedDataSource.class.getClassLoader());

    private final DataSource target;
    private final DataSourceWatch watch;
    private final AtomicBoolean poolShown = new AtomicBoolean();

    private WatchedDataSource(DataSource target, DataSourceWatch watch) {
        this.target = target;
        this.watch = watch;
    }

    static DataSource of(DataSource target, DataSourceWatch watch) {
        var factory = new ProxyFactory(target);
        factory.setProxyTargetClass(canBeExtended(target.getClass()));
        factory.addAdvice(new WatchedDataSource(target, watch));
        return (DataSource) factory.getProxy(target.getClass().getClassLoader());
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object result = invocation.proceed();
        if (!(result instanceof Connection connection)
                || !invocation.getMethod().getName().equals("getConnection")) {
            return result;
        }
        if (HIKARI && !poolShown.get() && invocation instanceof ProxyMethodInvocation proxied) {
            HikariPoolField.show(target, proxied.getProxy());
            poolShown.set(true);
        }
        return watch.watched(connection);
    }

    /** A method that is final would see the fields of the proxy, which are empty. */
    private static boolean canBeExtended(Class<?> type) {
        return !Modifier.isFinal(type.getModifiers())
                && !type.isSealed()
                && Arrays.stream(type.getMethods())
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .noneMatch(method ->
                                Modifier.isFinal(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()));
    }
}
