package dev.dualwrite.spring.autoconfigure;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The choice of the DataSource that the outbox is written through: the one that is named, else the one that injection
 * would choose. Immutable.
 *
 * @param chosen absent if there is a mistake
 */
record OutboxDataSource(@Nullable DataSource chosen, List<Mistake> mistakes) {

    /** The choice; {@code injected} is what a constructor of the service would get. */
    static OutboxDataSource choose(
            @Nullable String name, ObjectProvider<DataSource> injected, ListableBeanFactory beans) {
        if (name == null || name.isBlank()) {
            DataSource unique = injected.getIfUnique();
            return unique != null ? of(unique) : ambiguous(namesOf(beans));
        }
        if (!beans.containsBean(name) || !beans.isTypeMatch(name, DataSource.class)) {
            return unknown(name, namesOf(beans));
        }
        return of(beans.getBean(name, DataSource.class));
    }

    /** The DataSource, for a caller that has reported the mistakes. */
    DataSource orElseThrow() {
        return requireNonNull(chosen, () -> "no DataSource: " + mistakes);
    }

    private static OutboxDataSource of(DataSource dataSource) {
        return new OutboxDataSource(dataSource, List.of());
    }

    private static OutboxDataSource ambiguous(Set<String> names) {
        return new OutboxDataSource(
                null,
                List.of(new Mistake(
                        "there are several DataSource beans, none of them is primary, and"
                                + " dualwrite.outbox.data-source names none: " + names,
                        "set dualwrite.outbox.data-source to the one that the service's own transactions use, or mark"
                                + " it @Primary")));
    }

    private static OutboxDataSource unknown(String name, Set<String> names) {
        return new OutboxDataSource(
                null,
                List.of(new Mistake(
                        "dualwrite.outbox.data-source is '" + name
                                + "', but no DataSource bean has that name; there are " + names,
                        "set dualwrite.outbox.data-source to one of these, or remove it")));
    }

    private static Set<String> namesOf(ListableBeanFactory beans) {
        var names = new TreeSet<String>();
        Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, DataSource.class))
                .filter(name -> !ScopedProxyUtils.isScopedTarget(name))
                .forEach(names::add);
        return names;
    }
}
