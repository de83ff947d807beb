package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManagerFactory;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/** Whose DataSource is watched, and in which service. */
class WatchedBeanTest {

    private final ApplicationContextRunner captures = new ApplicationContextRunner()
            .withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Child.class.getName()));

    @Test
    void onlyOneIsWatched() {
        captures.withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isTrue());
    }

    @Test
    void primaryOneIsWatchedAndNoOther() {
        captures.withBean("shop", DataSource.class, WatchedBeanTest::dataSource, bean -> bean.setPrimary(true))
                .withBean("archive", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> {
                    assertThat(isWatched(context, "shop")).isTrue();
                    assertThat(isWatched(context, "archive")).isFalse();
                });
    }

    @Test
    void namedOneIsWatchedAndNoOther() {
        captures.withPropertyValues("dualwrite.outbox.data-source=archive")
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource, bean -> bean.setPrimary(true))
                .withBean("archive", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> {
                    assertThat(isWatched(context, "archive")).isTrue();
                    assertThat(isWatched(context, "shop")).isFalse();
                });
    }

    @Test
    void choiceBetweenTwoIsNotGuessed() {
        captures.withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .withBean("archive", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isFalse());
    }

    @Test
    void noneIsWatchedIfSwitchedOff() {
        captures.withPropertyValues("dualwrite.capture.bypass=off")
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isFalse());
    }

    @Test
    void noneIsWatchedInAServiceThatCapturesNoEntity() {
        new ApplicationContextRunner()
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isFalse());
        new ApplicationContextRunner()
                .withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Plain.class.getName()))
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isFalse());
    }

    @Test
    void entitiesMayBeNamedByProperties() {
        new ApplicationContextRunner()
                .withPropertyValues("dualwrite.capture.entities.Plain.aggregate=plain")
                .withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Plain.class.getName()))
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .run(context -> assertThat(isWatched(context, "shop")).isTrue());
    }

    @Test
    void factoryThatTellsNoClassesMayHaveCapturedOnesBesideOneThatDoes() {
        var oneFactory = new ApplicationContextRunner()
                .withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Plain.class.getName()))
                .withBean("shop", DataSource.class, WatchedBeanTest::dataSource)
                .withBean("told", EntityManagerFactory.class, WatchedBeanTest::factory, bean -> bean.setLazyInit(true));

        oneFactory.run(context -> assertThat(isWatched(context, "shop")).isFalse());
        oneFactory
                .withBean("own", EntityManagerFactory.class, WatchedBeanTest::factory, bean -> {
                    bean.setLazyInit(true);
                    ((AbstractBeanDefinition) bean).setDefaultCandidate(false);
                })
                .run(context -> assertThat(isWatched(context, "shop")).isTrue());
    }

    private static EntityManagerFactory factory() {
        throw new IllegalStateException("a factory was made to find out what it has");
    }

    private static boolean isWatched(ConfigurableApplicationContext context, String name) {
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        var entities = new CapturedEntities(beans, context.getEnvironment(), Set.of(Captured.class.getName()));
        return new WatchedBean(beans, context.getEnvironment(), entities).is(name);
    }

    private static AbstractDriverBasedDataSource dataSource() {
        return new DriverManagerDataSource();
    }

    @Retention(RetentionPolicy.RUNTIME)
    private @interface Captured {}

    /** Not captured. */
    static class Plain {}

    /** Captured. */
    @Captured
    static class Parent {}

    /** Captured with what it extends. */
    static class Child extends Parent {}
}
