package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.BufferingOutbox;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** What a service brings along wins, and what it leaves out is made up for. */
class OwnBeansIT {

    private static final OutboxEntry ORDER =
            OutboxEntry.upsert(new Aggregate("order", "1"), new Order("Ada", LocalDate.of(2026, 11, 21)));

    private final Sql sql = new Sql(TestDatabases.create());
    private final ApplicationContextRunner service = Starter.at(sql).withPropertyValues("dualwrite.outbox.sinks=copy");

    /** A payload. */
    record Order(String customerName, LocalDate placedOn) {}

    @Test
    void ownOutboxWins() {
        Outbox own = entry -> {};

        service.withBean("audited", Outbox.class, () -> own).run(context -> {
            assertThat(context.getBean(Outbox.class)).isSameAs(own);
            assertThat(context).doesNotHaveBean(BufferingOutbox.class);
        });
    }

    @Test
    void ownCodecWins() throws SQLException {
        service.withBean(PayloadCodec.class, () -> payload -> new byte[] {42}).run(context -> append(context, ORDER));

        assertThat(payloads("encode(payload, 'hex')")).containsExactly("2a");
    }

    @Test
    void payloadIsWrittenAsTheServicesOwnMapperWritesIt() throws SQLException {
        service.withBean(
                        JsonMapper.class,
                        () -> JsonMapper.builder()
                                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                                .build())
                .run(context -> append(context, ORDER));

        assertThat(payloads("convert_from(payload, 'UTF8')"))
                .containsExactly("{\"customer_name\":\"Ada\",\"placed_on\":\"2026-11-21\"}");
    }

    @Test
    void severalMappersOfWhichNoneIsPrimaryDoNotStopTheStart() throws SQLException {
        service.withBean("one", JsonMapper.class, JsonMapper::new)
                .withBean("other", JsonMapper.class, JsonMapper::new)
                .run(context -> append(context, ORDER));

        assertThat(payloads("convert_from(payload, 'UTF8')"))
                .containsExactly("{\"customerName\":\"Ada\",\"placedOn\":\"2026-11-21\"}");
    }

    @Test
    void commitListenersAreCalledAfterTheCommitAndNotAfterARollback() {
        List<Integer> committed = new ArrayList<>();

        service.withBean(CommitListener.class, () -> committed::add).run(context -> {
            append(context, ORDER);
            transaction(context).executeWithoutResult(status -> {
                context.getBean(Outbox.class).append(ORDER);
                status.setRollbackOnly();
            });
        });

        assertThat(committed).containsExactly(1);
    }

    @Test
    void crashProbeOfATestIsReached() {
        List<CrashWindow> reached = new ArrayList<>();

        service.withBean(CrashProbe.class, () -> reached::add).run(context -> append(context, ORDER));

        assertThat(reached).containsExactly(CrashWindow.ENTRIES_WRITTEN_NOT_COMMITTED, CrashWindow.COMMITTED_NOT_WOKEN);
    }

    @Test
    void sinkBeanIsKnownByItsNameAndIsTheDefaultIfItIsTheOnlyOne() throws SQLException {
        Starter.at(sql)
                .withBean("search-index", Sink.class, () -> entries -> List.of())
                .run(context -> append(context, ORDER));

        assertThat(sql.query("SELECT name FROM dualwrite.outbox_entry JOIN dualwrite.sink USING (sink_id)"))
                .containsExactly("search-index");
    }

    @Test
    void configuredSinkIsKnownAndIsTheDefaultIfItIsTheOnlyOne() throws SQLException {
        Starter.at(sql)
                .withPropertyValues("dualwrite.sinks.orders-copy.type=jdbc", "dualwrite.sinks.orders-copy.table=o")
                .run(context -> append(context, ORDER));

        assertThat(sql.query("SELECT name FROM dualwrite.outbox_entry JOIN dualwrite.sink USING (sink_id)"))
                .containsExactly("orders-copy");
    }

    @Test
    void ruleOfAnAggregateTypeNamesItsSinks() throws SQLException {
        service.withPropertyValues(
                        "dualwrite.aggregates.order.sinks=search,cache", "dualwrite.aggregates.order.ordering=lock")
                .run(context -> append(context, ORDER));

        assertThat(sql.query("SELECT name FROM dualwrite.outbox_entry JOIN dualwrite.sink USING (sink_id)"))
                .containsExactlyInAnyOrder("cache", "search");
    }

    @Test
    void serviceThatKnowsNoSinkStartsAndAnAppendSaysWhatIsMissing() {
        Starter.at(sql).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(OutboxInstallation.class).sinkIds()).isEqualTo(Map.of());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> append(context, ORDER))
                    .withMessageContaining("dualwrite.outbox.sinks");
        });
    }

    @Test
    void mistakeStopsTheStartOfALazyContextToo() {
        service.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withPropertyValues("dualwrite.schema.mode=none")
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void beansThatUseTheDatabaseWaitForTheSchema() {
        service.run(context -> assertThat(context.getBeanFactory()
                        .getBeanDefinition("jdbcTemplate")
                        .getDependsOn())
                .contains("dualwriteSchemaInitializer"));
    }

    @Test
    void commitWhileBeansAreBeingCreatedCreatesNoListeners() {
        service.withUserConfiguration(ListenerThatNeedsAnAppender.class).run(context -> {
            assertThat(context).hasNotFailed();
            List<Integer> committed = context.getBean(Listener.class).committed;
            assertThat(committed).isEmpty();

            append(context, ORDER);

            assertThat(committed).containsExactly(1);
        });
    }

    @Test
    void namesOfOurBeansMeetNoneOfTheServices() {
        service.run(context -> assertThat(context.getBeanDefinitionNames())
                .filteredOn(
                        name -> context.getBeanFactory().getBeanDefinition(name).getFactoryBeanName() != null
                                && String.valueOf(context.getBeanFactory()
                                                .getBeanDefinition(name)
                                                .getFactoryBeanName())
                                        .contains("dev.dualwrite"))
                .isNotEmpty()
                .allMatch(name -> name.startsWith("dualwrite")));
    }

    /** Appends in its constructor, as a service does that writes its reference data when it starts. */
    private static final class EagerAppender {

        EagerAppender(Outbox outbox, PlatformTransactionManager manager) {
            new TransactionTemplate(manager).executeWithoutResult(status -> outbox.append(ORDER));
        }
    }

    private static final class Listener implements CommitListener {

        private final List<Integer> committed = new ArrayList<>();

        @Override
        public void committed(int entries) {
            committed.add(entries);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ListenerThatNeedsAnAppender {

        @Bean
        EagerAppender appender(Outbox outbox, PlatformTransactionManager manager) {
            return new EagerAppender(outbox, manager);
        }

        @Bean
        Listener listener(EagerAppender appender) {
            return new Listener();
        }
    }

    private static void append(ApplicationContext context, OutboxEntry entry) {
        transaction(context)
                .executeWithoutResult(status -> context.getBean(Outbox.class).append(entry));
    }

    private static TransactionTemplate transaction(ApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private List<String> payloads(String expression) throws SQLException {
        return sql.query("SELECT " + expression + " FROM dualwrite.outbox_entry");
    }
}
