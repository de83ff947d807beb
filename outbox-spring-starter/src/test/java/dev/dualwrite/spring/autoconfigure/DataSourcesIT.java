package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Which of a service's databases the outbox is in. */
class DataSourcesIT {

    private final TestDatabase shop = TestDatabases.create();
    private final TestDatabase archive = TestDatabases.create();

    @Test
    void primaryOneOfTwoIsTaken() throws SQLException {
        both(true).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(OutboxInstallation.class).dataSource()).isSameAs(context.getBean("shop"));
        });

        assertThat(new Sql(shop).tables("dualwrite")).isNotEmpty();
        assertThat(new Sql(archive).tables("dualwrite")).isEmpty();
    }

    @Test
    void namedOneIsTakenIfNoneIsPrimary() throws SQLException {
        both(false)
                .withPropertyValues("dualwrite.outbox.data-source=archive")
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(new Sql(shop).tables("dualwrite")).isEmpty();
        assertThat(new Sql(archive).tables("dualwrite")).isNotEmpty();
    }

    @Test
    void namedOneIsTakenEvenIfTheOtherIsPrimary() throws SQLException {
        both(true)
                .withPropertyValues("dualwrite.outbox.data-source=archive")
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(new Sql(archive).tables("dualwrite")).isNotEmpty();
    }

    @Test
    void choiceBetweenTwoIsNotGuessed() {
        both(false)
                .run(context -> assertThat(messageOf(context))
                        .contains("several DataSource beans")
                        .contains("[archive, shop]")
                        .contains("set dualwrite.outbox.data-source"));
    }

    @Test
    void nameThatNoDataSourceHasIsReportedWithTheNamesThatThereAre() {
        both(true)
                .withPropertyValues("dualwrite.outbox.data-source=shopp")
                .run(context -> assertThat(messageOf(context))
                        .contains("dualwrite.outbox.data-source is 'shopp'")
                        .contains("[archive, shop]"));
    }

    @Test
    void serviceWithoutADataSourceIsLeftAlone() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(DualwriteAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(OutboxInstallation.class));
    }

    @Test
    void anotherProductThanPostgresIsNamed() {
        DataSource mariaDb = new OtherProduct(shop.dataSource());

        Starter.withoutDataSource()
                .withBean("shop", DataSource.class, () -> mariaDb)
                .run(context -> assertThat(messageOf(context))
                        .contains("connected to MariaDB")
                        .contains("expected PostgreSQL 14 or newer")
                        .contains("spring.autoconfigure.exclude"));
    }

    private ApplicationContextRunner both(boolean shopIsPrimary) {
        return Starter.withoutDataSource()
                .withBean("shop", DataSource.class, shop::dataSource, bean -> bean.setPrimary(shopIsPrimary))
                .withBean("archive", DataSource.class, archive::dataSource);
    }

    private static String messageOf(AssertableApplicationContext context) {
        assertThat(context).hasFailed();
        Throwable root = Starter.rootOf(context.getStartupFailure());
        assertThat(root).isInstanceOf(OutboxConfigurationException.class);
        return root.getMessage();
    }

    /** A database that says it is a MariaDB: as much of one as is asked for before it is refused. */
    private static final class OtherProduct extends DelegatingDataSource {

        OtherProduct(DataSource target) {
            super(target);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            DatabaseMetaData metaData = connection.getMetaData();
            return proxy(
                    Connection.class,
                    (self, method, arguments) -> method.getName().equals("getMetaData")
                            ? proxy(
                                    DatabaseMetaData.class,
                                    (proxy, question, parameters) ->
                                            question.getName().equals("getDatabaseProductName")
                                                    ? "MariaDB"
                                                    : question.invoke(metaData, parameters))
                            : method.invoke(connection, arguments));
        }

        private static <T> T proxy(Class<T> type, InvocationHandler handler) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
        }
    }
}
