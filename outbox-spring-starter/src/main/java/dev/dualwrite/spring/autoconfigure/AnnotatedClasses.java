package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.spring.jpa.Captured;
import dev.dualwrite.spring.jpa.PartOf;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;

/** Finds the classes of an application that say that they are captured, whether Hibernate knows them or not. */
final class AnnotatedClasses extends ClassPathScanningCandidateComponentProvider {

    private AnnotatedClasses() {
        super(false);
        // Not what inherits them: that may be anything, such as an anonymous class or a test double of an entity.
        addIncludeFilter((reader, readers) -> reader.getAnnotationMetadata().hasAnnotation(Captured.class.getName())
                || reader.getAnnotationMetadata().hasAnnotation(PartOf.class.getName()));
    }

    /** Names of those in the application's own packages, by a look into the class files there; no class is loaded. */
    static Set<String> in(BeanFactory beans) {
        var names = new TreeSet<String>();
        if (AutoConfigurationPackages.has(beans)) {
            var scanner = new AnnotatedClasses();
            for (String base : AutoConfigurationPackages.get(beans)) {
                scanner.findCandidateComponents(base).forEach(found -> names.add(found.getBeanClassName()));
            }
        }
        return names;
    }

    /** Abstract classes and interfaces too. */
    @Override
    protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
        return true;
    }
}
