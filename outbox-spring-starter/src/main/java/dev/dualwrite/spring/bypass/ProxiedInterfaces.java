package dev.dualwrite.spring.bypass;

import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.springframework.jdbc.datasource.ConnectionProxy;
import org.springframework.util.ClassUtils;

/**
 * The interfaces that a proxy of a connection has: a service may cast an unpooled connection to the driver's interface, and
 * Spring looks for its own ones. Thread-safe; the answer is kept with the class.
 */
final class ProxiedInterfaces extends ClassValue<Class<?>[]> {

    private static final ProxiedInterfaces OF = new ProxiedInterfaces();

    private ProxiedInterfaces() {}

    static Class<?>[] of(Object target, Class<?> first) {
        Class<?>[] all = OF.get(target.getClass());
        return all.length == 0 ? new Class<?>[] {first} : all;
    }

    @Override
    protected Class<?>[] computeValue(Class<?> type) {
        ClassLoader loader = ProxiedInterfaces.class.getClassLoader();
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        Arrays.stream(ClassUtils.getAllInterfacesForClass(type))
                .filter(each -> Modifier.isPublic(each.getModifiers()) && !each.isSealed())
                .filter(each -> ClassUtils.isVisible(each, loader))
                .forEach(interfaces::add);
        if (Connection.class.isAssignableFrom(type)) {
            interfaces.add(ConnectionProxy.class);
        }
        return interfaces.toArray(Class<?>[]::new);
    }
}
