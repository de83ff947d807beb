package dev.dualwrite.spring.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.BufferingOutbox;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.spi.CrashProbe;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** A service on plain JDBC. {@link JdbcOnlyIT} loads it through a class loader that has no JPA. */
public final class JdbcOnlyScenario {

    private JdbcOnlyScenario() {}

    /** Appends one entry in a transaction, inside one of a manager of another kind. */
    public static void run(String url, String user, String password) {
        var dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        dataSource.setUser(user);
        dataSource.setPassword(password);
        Map<String, Short> sinks = new ControlStore(dataSource, "dualwrite").registerSinks(List.of("copy"));
        var routing = new Routing(sinks, Set.of("copy"), Map.of());
        var writer = new EntryWriter(
                "dualwrite", 16, routing, payload -> payload.toString().getBytes(UTF_8), 1000);
        var transactions = new OutboxTransactions(dataSource, () -> writer, List::of, CrashProbe.NONE);
        var manager = new JdbcTransactionManager(dataSource);
        transactions.attach(manager);
        var other = new OtherKind();
        transactions.attach(other);
        new TransactionTemplate(other)
                .executeWithoutResult(outer -> new TransactionTemplate(manager)
                        .executeWithoutResult(status -> new BufferingOutbox(transactions, routing)
                                .append(OutboxEntry.upsert(new Aggregate("thing", "1"), (Object) "without JPA"))));
    }

    /** Like a manager for messages: it has no DataSource. */
    private static final class OtherKind extends AbstractPlatformTransactionManager {

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }
}
