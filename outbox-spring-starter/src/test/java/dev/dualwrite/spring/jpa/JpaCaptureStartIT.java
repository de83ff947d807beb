package dev.dualwrite.spring.jpa;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.StateLoader.State;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.autoconfigure.JpaStateAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.NearbyRelay;
import dev.dualwrite.spring.jpa.heir.Parent;
import dev.dualwrite.spring.jpa.stray.Stray;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.util.List;
import javax.sql.DataSource;
import org.hibernate.annotations.TenantId;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionTemplate;

/** What a start with captured entities does, and what stops it. */
@ExtendWith(OutputCaptureExtension.class)
class JpaCaptureStartIT {

    private TestDatabase database;
    private JdbcTemplate outside;

    @BeforeEach
    void emptyDatabase() {
        database = TestDatabases.create();
        outside = new JdbcTemplate(database.dataSource());
    }

    private CaptureService start(Class<?>... classes) {
        return CaptureService.start(database, List.of(), classes);
    }

    private List<String> known() {
        return outside.queryForList(
                "SELECT source::text || ' ' || regexp_replace(entity, '.*\\$', '') || ' ' || xmin"
                        + " FROM dualwrite.captured_entity ORDER BY 1",
                String.class);
    }

    @Test
    void serviceThatCapturesNothingGetsNoListener() {
        try (CaptureService service = start(Plain.class)) {
            var groups =
                    service.factory().unwrap(SessionFactoryImplementor.class).getEventListenerGroups();

            assertThat(groups.eventListenerGroup_PRE_DELETE.count()).isZero();
            assertThat(groups.eventListenerGroup_PRE_UPSERT.count()).isZero();
            assertThat(service.bean(JpaCapture.class).captured()).isEmpty();
        }
    }

    @Test
    void tablesAreStoredOnceAndThoseOfOtherProcessesStay() {
        start(One.class, Plain.class).close();
        List<String> first = known();
        start(One.class, Plain.class).close();

        assertThat(first).singleElement().asString().startsWith("one One ");
        assertThat(known()).isEqualTo(first);

        start(Two.class).close();

        assertThat(known()).hasSize(2).containsAll(first).last().asString().startsWith("two Two ");
    }

    @Test
    void foreignKeyByWhichTheDatabaseChangesCapturedRowsIsWarnedOf(CapturedOutput output) {
        start(Holder.class, Held.class, HeldPart.class, Plain.class).close();
        assertThat(output.getOut()).doesNotContain("outbox_capture_key_action");
        outside.execute(
                "ALTER TABLE held ADD CONSTRAINT seen FOREIGN KEY (plain_id) REFERENCES plain ON DELETE NO ACTION,"
                        + " ADD CONSTRAINT unseen FOREIGN KEY (plain_id) REFERENCES plain ON DELETE SET NULL,"
                        + " ADD CONSTRAINT moved FOREIGN KEY (holder_id) REFERENCES holder ON UPDATE CASCADE,"
                        + " ADD CONSTRAINT above FOREIGN KEY (above_id) REFERENCES held ON DELETE CASCADE");
        outside.execute(
                "ALTER TABLE held_part ADD CONSTRAINT own FOREIGN KEY (held_id) REFERENCES held ON DELETE CASCADE");
        outside.execute(
                "ALTER TABLE plain ADD CONSTRAINT elsewhere FOREIGN KEY (id) REFERENCES held ON DELETE CASCADE");

        start(Holder.class, Held.class, HeldPart.class, Plain.class).close();

        assertThat(output.getOut().lines().filter(line -> line.contains("outbox_capture_key_action")))
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).contains("constraint=unseen table=held references=plain"))
                .anySatisfy(line -> assertThat(line).contains("constraint=moved table=held references=holder"))
                .anySatisfy(line -> assertThat(line).contains("constraint=above table=held references=held"));
    }

    @Test
    void entityOfAnotherSessionFactoryOnACapturedTableIsRefused() {
        Throwable failure = catchThrowable(() -> start(One.class, TwoFactories.class));

        assertThat(rootOf(failure))
                .isInstanceOfSatisfying(
                        OutboxConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .hasSize(2)
                                .allSatisfy(m -> assertThat(m).contains(". Next: "))
                                .anySatisfy(m -> assertThat(m).contains("'one'", "two session factories"))
                                .anySatisfy(m -> assertThat(m)
                                        .containsIgnoringCase("table one ")
                                        .contains("OneLight", "not captured")));
    }

    @Test
    void classThatOnlyExtendsAnEntityIsNoStray() {
        start(Parent.class, Heirs.class).close();
    }

    @Test
    void everyMistakeStopsTheStartInOneReport() {
        start(One.class).close();
        outside.update(
                "INSERT INTO dualwrite.captured_table (source, sink_id, aggregate_type, key_columns, key_types, on_truncate, captured_by)"
                        + " SELECT 'one'::regclass, min(sink_id), 'one', '{id}', '{bigint}', 'refuse', 'test' FROM dualwrite.sink");
        List<String> before = known();

        Throwable failure = catchThrowable(() -> CaptureService.start(
                database,
                List.of(
                        "--dualwrite.capture.entities.Nobody.aggregate=x",
                        "--dualwrite.capture.entities.Plain.sinks=gone"),
                One.class,
                Plain.class,
                Two2.class,
                Lost.class,
                Scanned.class));

        assertThat(rootOf(failure))
                .isInstanceOfSatisfying(
                        OutboxConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .allSatisfy(m -> assertThat(m).contains(". Next: "))
                                .hasSize(5)
                                .anySatisfy(m ->
                                        assertThat(m).contains("dualwrite.capture.entities.Nobody", "names no entity"))
                                .anySatisfy(m -> assertThat(m).contains("Plain", "'gone'", "[archive, copy]"))
                                .anySatisfy(m -> assertThat(m).contains("Lost", "not captured"))
                                .anySatisfy(m -> assertThat(m).contains(Stray.class.getName(), "no entity"))
                                .anySatisfy(m ->
                                        assertThat(m).contains("One", "table one", "by a trigger", "release_table")));
        assertThat(known()).isEqualTo(before);
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof OutboxConfigurationException)) {
            root = root.getCause();
        }
        return root;
    }

    @Test
    void entityManagerFactoryOfTheServicesOwnMakingIsCaptured() {
        try (CaptureService service = start(OwnFactory.class)) {
            // Before anybody has asked for the factory's own bean.
            assertThat(service.entries()).containsExactly("R one:99");
            assertThat(service.captured(s -> s.persist(new One(1)))).containsExactly("R one:1");
        }
    }

    @Test
    void entitiesOfAnotherDataSourceAreRefused() {
        Throwable failure = catchThrowable(() -> start(One.class, OtherFactory.class));

        assertThat(rootOf(failure))
                .isInstanceOf(OutboxConfigurationException.class)
                .hasMessageContaining("does not use the outbox's DataSource");
    }

    @Test
    void referencesToRowsOfSeveralTenantsAreRefusedInTheOneReportWhereARelayLoadsThem() {
        start(OfTenant.class).close();

        Throwable failure = catchThrowable(() -> CaptureService.start(
                database, List.of("--dualwrite.capture.entities.Nobody.aggregate=x"), OfTenant.class, WithRelay.class));

        assertThat(rootOf(failure))
                .isInstanceOfSatisfying(
                        OutboxConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .hasSize(2)
                                .anySatisfy(m -> assertThat(m).contains("[of-tenant]", "several tenants", "Next: ")));
    }

    @Test
    void statesAreJsonWhateverTheServicesCodecIs() throws Exception {
        try (CaptureService service = start(One.class, OwnCodec.class)) {
            service.change(s -> s.persist(new One(7)));

            Aggregate one = Aggregate.of("one", 7);
            State state = service.bean(JpaStateLoader.class).load(List.of(one)).get(one);

            assertThat(new String(state.payload(), UTF_8)).isEqualTo("{\"id\":7}");
        }
    }

    @Test
    void propertiesCaptureAClassThatIsNotAnnotated() {
        try (CaptureService service = CaptureService.start(
                database,
                List.of(
                        "--dualwrite.capture.entities[" + Plain.class.getName() + "].aggregate=simple",
                        "--dualwrite.capture.entities.Lost.part-of=plain"),
                Two2.class,
                Plain.class,
                Lost.class)) {
            assertThat(service.captured(s -> {
                        var plain = new Plain();
                        plain.id = 1L;
                        s.persist(plain);
                    }))
                    .containsExactly("R simple:1");
            assertThat(service.captured(s -> {
                        var lost = new Lost();
                        lost.id = 2L;
                        lost.plain = s.getReference(Plain.class, 1L);
                        s.persist(lost);
                    }))
                    .containsExactly("R simple:1");
        }
    }

    @Entity(name = "One")
    @Captured
    static class One {
        @Id
        Long id;

        One() {}

        One(long id) {
            this.id = id;
        }
    }

    @Entity(name = "OfTenant")
    @Captured
    static class OfTenant {
        @Id
        Long id;

        @TenantId
        String tenant;
    }

    @Configuration(proxyBeanMethods = false)
    static class WithRelay {

        @Bean
        NearbyRelay nearbyRelay() {
            return () -> false;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(JpaStateAutoConfiguration.class)
    static class OwnCodec {

        @Bean
        PayloadCodec binaryCodec() {
            return payload -> {
                throw new IllegalArgumentException("no binary form of " + payload.getClass());
            };
        }
    }

    @Entity(name = "Two")
    @Captured
    static class Two {
        @Id
        Long id;
    }

    @Entity(name = "Plain")
    static class Plain {
        @Id
        Long id;
    }

    @Entity(name = "Lost")
    @PartOf("two")
    static class Lost {
        @Id
        Long id;

        @ManyToOne
        Two2 two;

        @ManyToOne
        Plain plain;
    }

    @Entity(name = "Two2")
    static class Two2 {
        @Id
        Long id;
    }

    @Configuration(proxyBeanMethods = false)
    @AutoConfigurationPackage(basePackageClasses = Stray.class)
    static class Scanned {}

    /** Where an entity, and a class that extends it, are. */
    @Configuration(proxyBeanMethods = false)
    @AutoConfigurationPackage(basePackageClasses = Parent.class)
    static class Heirs {}

    /** As a service without Boot's has it: the transaction manager gets the factory past the bean. */
    @Configuration(proxyBeanMethods = false)
    static class OwnFactory {

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            return factory(dataSource);
        }

        @Bean
        JpaTransactionManager transactionManager(LocalContainerEntityManagerFactoryBean factory) {
            return new JpaTransactionManager(factory.getObject());
        }

        @Bean
        InitializingBean early(LocalContainerEntityManagerFactoryBean factory, JpaTransactionManager manager) {
            return () -> new TransactionTemplate(manager)
                    .executeWithoutResult(
                            status -> SharedEntityManagerCreator.createSharedEntityManager(factory.getObject())
                                    .persist(new One(99)));
        }
    }

    @Entity(name = "Holder")
    @Captured
    static class Holder {
        @Id
        Long id;
    }

    @Entity(name = "Held")
    @Captured
    static class Held {
        @Id
        Long id;

        @Column(name = "holder_id")
        Long holder;

        @Column(name = "plain_id")
        Long plain;

        @Column(name = "above_id")
        Long above;
    }

    @Entity(name = "HeldPart")
    @PartOf("held")
    static class HeldPart {
        @Id
        Long id;

        @ManyToOne
        Held held;
    }

    @Entity(name = "OneLight")
    @Table(name = "one")
    static class OneLight {
        @Id
        Long id;
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoFactories {

        @Bean
        LocalContainerEntityManagerFactoryBean otherFactory(DataSource dataSource) {
            var factory = factory(dataSource);
            factory.setManagedTypes(PersistenceManagedTypes.of(One.class.getName(), OneLight.class.getName()));
            return factory;
        }

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            return factory(dataSource);
        }

        @Bean
        JpaTransactionManager transactionManager(
                @Qualifier("entityManagerFactory") EntityManagerFactory entityManagerFactory) {
            return new JpaTransactionManager(entityManagerFactory);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OtherFactory {

        @Bean
        LocalContainerEntityManagerFactoryBean otherFactory() {
            return factory(TestDatabases.create().dataSource());
        }

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            return factory(dataSource);
        }

        @Bean
        JpaTransactionManager transactionManager(EntityManagerFactory entityManagerFactory) {
            return new JpaTransactionManager(entityManagerFactory);
        }
    }

    private static LocalContainerEntityManagerFactoryBean factory(DataSource dataSource) {
        var factory = new LocalContainerEntityManagerFactoryBean();
        factory.setDataSource(dataSource);
        factory.setManagedTypes(PersistenceManagedTypes.of(One.class.getName()));
        factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        factory.getJpaPropertyMap().put("hibernate.hbm2ddl.auto", "update");
        return factory;
    }
}
