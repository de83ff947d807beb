package dev.dualwrite.spring.bypass;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.GenericBeanDefinition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Which DataSource bean is watched, decided by definitions alone since it is asked while that bean is being created: the outbox's,
 * if something is captured through entities. Confined to the thread that starts the context.
 */
final class WatchedBean {

    private final ConfigurableListableBeanFactory beans;
    private final Environment environment;
    private final CapturedEntities entities;

    WatchedBean(ConfigurableListableBeanFactory beans, Environment environment, CapturedEntities entities) {
        this.beans = beans;
        this.environment = environment;
        this.entities = entities;
    }

    static BypassMode modeOf(Environment environment) {
        return Binder.get(environment)
                .bind("dualwrite.capture.bypass", BypassMode.class)
                .orElse(BypassMode.WARN);
    }

    boolean is(String name) {
        return modeOf(environment) != BypassMode.OFF && isTheOutboxes(name) && entities.exist();
    }

    private boolean isTheOutboxes(String name) {
        String named = Binder.get(environment)
                .bind("dualwrite.outbox.data-source", String.class)
                .orElse("");
        if (!named.isBlank()) {
            return named.equals(name);
        }
        List<String> all = Arrays.stream(beans.getBeanNamesForType(DataSource.class, true, false))
                .filter(each -> !ScopedProxyUtils.isScopedTarget(each))
                .toList();
        List<String> candidates = defined(all, BeanDefinition::isAutowireCandidate);
        List<String> primary = defined(candidates, BeanDefinition::isPrimary);
        if (primary.size() == 1) {
            return primary.contains(name);
        }
        List<String> own = defined(candidates, definition -> !definition.isFallback());
        return own.size() == 1 ? own.contains(name) : candidates.size() == 1 && candidates.contains(name);
    }

    /** A singleton that was registered as an object has no definition, and is an ordinary candidate. */
    private List<String> defined(List<String> names, Predicate<BeanDefinition> rule) {
        return names.stream()
                .filter(name -> beans.containsBeanDefinition(name)
                        ? rule.test(beans.getMergedBeanDefinition(name))
                        : rule.test(new GenericBeanDefinition()))
                .toList();
    }
}
