package dev.dualwrite.spring.bypass;

import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/** The persistent classes of a service, as Spring Boot has found them. Loaded only where JPA is. Thread-safe, without state. */
final class ManagedClasses {

    private ManagedClasses() {}

    /** Their names; null if nothing tells them. Creates the beans that tell, which need no DataSource. */
    static @Nullable List<String> in(ConfigurableListableBeanFactory beans) {
        List<PersistenceManagedTypes> types = beans.getBeanProvider(PersistenceManagedTypes.class, false).stream()
                .toList();
        return types.isEmpty()
                ? null
                : types.stream()
                        .flatMap(each -> each.getManagedClassNames().stream())
                        .toList();
    }

    static boolean mayExistIn(ConfigurableListableBeanFactory beans) {
        return beans.getBeanNamesForType(EntityManagerFactory.class, true, false).length > 0;
    }
}
