package dev.dualwrite.spring.bypass;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.ClassMetadata;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.util.ClassUtils;

/**
 * Whether a service captures entities, told before Hibernate is there and without loading a class of the service: by the
 * properties, or by the annotations in the class files. Confined to the thread that starts the context.
 */
final class CapturedEntities {

    /** By name: whether a class has them is read off its file. */
    static final Set<String> ANNOTATIONS =
            Set.of("dev.dualwrite.spring.jpa.Captured", "dev.dualwrite.spring.jpa.PartOf");

    private static final boolean JPA = isPresent("org.hibernate.SessionFactory")
            && isPresent("org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes");

    private final ConfigurableListableBeanFactory beans;
    private final Environment environment;
    private final Set<String> annotations;

    CapturedEntities(ConfigurableListableBeanFactory beans, Environment environment, Set<String> annotations) {
        this.beans = beans;
        this.environment = environment;
        this.annotations = annotations;
    }

    boolean exist() {
        if (!JPA) {
            return false;
        }
        boolean configured = Binder.get(environment)
                .bind("dualwrite.capture.entities", Bindable.mapOf(String.class, Object.class))
                .isBound();
        if (configured) {
            return true;
        }
        // An EntityManagerFactory of the service's own making does not tell its classes before it is there.
        return !ManagedClasses.areAllToldIn(beans) || isAnyAnnotated(ManagedClasses.in(beans));
    }

    private boolean isAnyAnnotated(Collection<String> classes) {
        MetadataReaderFactory files = MetadataReaderFactory.create(beans.getBeanClassLoader());
        Set<String> looked = new HashSet<>();
        return classes.stream().anyMatch(name -> isAnnotated(name, files, looked));
    }

    /** A class, or one that it extends. */
    private boolean isAnnotated(String className, MetadataReaderFactory files, Set<String> looked) {
        try {
            String name = className;
            while (name != null && !name.startsWith("java.") && looked.add(name)) {
                AnnotationMetadata type = files.getMetadataReader(name).getAnnotationMetadata();
                if (annotations.stream().anyMatch(type::hasAnnotation)) {
                    return true;
                }
                name = superclassOf(type);
            }
            return false;
        } catch (IOException e) {
            // A class without a file, made at run time. Watching too much costs little, watching too little is silent.
            return true;
        }
    }

    private static @Nullable String superclassOf(ClassMetadata type) {
        return type.getSuperClassName();
    }

    private static boolean isPresent(String className) {
        return ClassUtils.isPresent(className, CapturedEntities.class.getClassLoader());
    }
}
