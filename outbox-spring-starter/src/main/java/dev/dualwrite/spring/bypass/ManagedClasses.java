package dev.dualwrite.spring.bypass;

import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/** The persistent classes of a service, as Spring Boot has found them. Loaded only where JPA is. Thread-safe, without state. */
final class ManagedClasses {

    private ManagedClasses() {}

    /** Their names, as far as they are told. Creates the beans that tell, which need no DataSource. */
    static List<String> in(ConfigurableListableBeanFactory beans) {
        return types(beans)
                .flatMap(each -> each.getManagedClassNames().stream())
                .toList();
    }

    /** Not if there are more factories than beans that tell: one of the service's own making looks for its classes itself. */
    static boolean areAllToldIn(ConfigurableListableBeanFactory beans) {
        int factories = beans.getBeanNamesForType(EntityManagerFactory.class, true, false).length;
        return factories <= types(beans).count();
    }

    private static Stream<PersistenceManagedTypes> types(ConfigurableListableBeanFactory beans) {
        return beans.getBeanProvider(PersistenceManagedTypes.class, false).stream();
    }
}
