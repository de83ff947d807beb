package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_SUPPORTS;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.PayloadCodecException;
import dev.dualwrite.outbox.spi.CrashWindow;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.Ordered;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** When an entry exists: exactly if the JDBC transaction that appended it commits. */
class JdbcAppendIT {

    private static TestOutbox database;
    private static HikariDataSource pool;
    private static CountingDataSource counted;
    private static TestService service;

    @BeforeAll
    static void start() {
        database = TestOutbox.install();
        database.jdbc().execute("CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL)");
        pool = database.pool();
        counted = new CountingDataSource(pool);
        service = TestService.start(database, counted, TestService.Jdbc.class, LateAppender.class);
    }

    @AfterAll
    static void stop() {
        service.close();
        pool.close();
    }

    @BeforeEach
    void clear() {
        service.reset();
        database.clear();
        database.jdbc().update("DELETE FROM account");
    }

    @Test
    void committedTransactionLeavesItsEntriesInTheOrderOfTheirAppend() {
        service.transaction().executeWithoutResult(status -> {
            service.append("1", "a");
            service.append("2", "b");
            service.append("1", "c");
            service.bean(Outbox.class).append(OutboxEntry.delete(new Aggregate("thing", "2")));
        });

        List<TestOutbox.Row> entries = database.entries();
        assertThat(entries).extracting(TestOutbox.Row::aggregate).containsExactly("1", "2", "1", "2");
        assertThat(entries).extracting(TestOutbox.Row::payload).containsExactly("a", "b", "c", null);
        assertThat(entries).extracting(TestOutbox.Row::operation).containsExactly("U", "U", "U", "D");
        assertThat(entries).extracting(TestOutbox.Row::sequence).doesNotHaveDuplicates();
    }

    @Test
    void entriesCarryTheIdOfTheTransactionThatChangedTheData() {
        Long xid = service.transaction().execute(status -> {
            service.append("a");
            service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
            return service.jdbc().queryForObject("SELECT pg_current_xact_id()::text::bigint", Long.class);
        });

        assertThat(database.entries()).extracting(TestOutbox.Row::xid).containsExactly(xid);
    }

    @Test
    void rolledBackTransactionLeavesNoEntry() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("a");
                    throw new IllegalArgumentException("business says no");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        service.transaction().executeWithoutResult(status -> {
            service.append("b");
            status.setRollbackOnly();
        });

        assertThat(database.entries()).isEmpty();
        assertThat(service.commits()).isEmpty();
    }

    @Test
    void appendWithoutTransactionThrows() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.append("a"))
                .withMessageContaining("there is none")
                .withMessageContaining("@Transactional");
    }

    @Test
    void supportsWithoutTransactionCountsAsNone() {
        service.transaction(PROPAGATION_SUPPORTS)
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("SUPPORTS"));

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void supportsInsideATransactionJoinsIt() {
        service.transaction()
                .executeWithoutResult(outer ->
                        service.transaction(PROPAGATION_SUPPORTS).executeWithoutResult(status -> service.append("a")));

        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void suspendedTransactionCountsAsNone() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("before");
            service.transaction(PROPAGATION_NOT_SUPPORTED)
                    .executeWithoutResult(status -> assertThatIllegalStateException()
                            .isThrownBy(() -> service.append("a"))
                            .withMessageContaining("transactionManager")
                            .withMessageContaining("suspended"));
            service.append("after");
        });

        assertThat(database.payloads()).containsExactly("before", "after");
    }

    @Test
    void innerNewTransactionKeepsItsEntriesWhenTheOuterOneRollsBack() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("outer");
            service.requiresNew().executeWithoutResult(inner -> service.append("inner"));
            service.append("outer again");
            outer.setRollbackOnly();
        });

        assertThat(database.payloads()).containsExactly("inner");
        assertThat(service.commits()).containsExactly(1);
    }

    @Test
    void outerTransactionKeepsItsEntriesWhenTheInnerNewOneRollsBack() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("outer");
            service.requiresNew().executeWithoutResult(inner -> {
                service.append("inner");
                inner.setRollbackOnly();
            });
            service.append("outer again");
        });

        assertThat(database.payloads()).containsExactly("outer", "outer again");
        assertThat(service.commits()).containsExactly(2);
    }

    @Test
    void readOnlyTransactionRefusesEntries() {
        service.readOnly()
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("read-only")
                        .withMessageContaining("readOnly = true"));

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void readWriteScopeInsideAReadOnlyTransactionRefusesEntries() {
        service.readOnly()
                .executeWithoutResult(outer -> service.transaction()
                        .executeWithoutResult(status -> assertThatIllegalStateException()
                                .isThrownBy(() -> service.append("a"))
                                .withMessageContaining("read-only")));
    }

    @Test
    void rollbackOnlyTransactionWritesNothing() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(outer -> {
                    service.append("a");
                    service.transaction().executeWithoutResult(inner -> inner.setRollbackOnly());
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(database.entries()).isEmpty();
        assertThat(service.commits()).isEmpty();
    }

    // As JPA and JTA managers do: they hear of the rollback only at the commit.
    @Test
    void rollbackOnlyTransactionWritesNothingWhereTheManagerDecidesAtTheCommit() {
        var late = new LateDecider(counted);
        service.bean(OutboxTransactions.class).attach(late);
        int before = counted.executed();

        assertThatThrownBy(() -> new TransactionTemplate(late).executeWithoutResult(outer -> {
                    service.append("a");
                    new TransactionTemplate(late).executeWithoutResult(inner -> inner.setRollbackOnly());
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(counted.executed() - before).isZero();
    }

    private static final class LateDecider extends JdbcTransactionManager {

        LateDecider(DataSource dataSource) {
            super(dataSource);
        }

        @Override
        protected boolean shouldCommitOnGlobalRollbackOnly() {
            return true;
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            if (status.isGlobalRollbackOnly()) {
                doRollback(status);
            } else {
                super.doCommit(status);
            }
        }
    }

    @Test
    void synchronizationSwitchedOffRefusesEntries() {
        var silent = new JdbcTransactionManager(counted);
        silent.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
        service.bean(OutboxTransactions.class).attach(silent);

        new TransactionTemplate(silent)
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("SYNCHRONIZATION_NEVER"));
    }

    @Test
    void connectionInAutocommitModeIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("a");
                    setAutoCommit();
                }))
                .withMessageContaining("autocommit");

        assertThat(database.entries()).isEmpty();
    }

    private static void setAutoCommit() {
        try {
            DataSourceUtils.getConnection(counted).setAutoCommit(true);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    // Trap: append during beforeCommit. A synchronization registered now would never be called.
    @Test
    void firstAppendInABeforeCommitListenerIsWritten() {
        service.transaction()
                .executeWithoutResult(
                        status -> service.bean(LateAppender.class).context.publishEvent(new Changed("late")));

        assertThat(database.payloads()).containsExactly("late");
    }

    // Trap: append during beforeCommit. Of equal order, registered later: it runs after any synchronization of ours.
    @Test
    void appendInTheLastSynchronizationsBeforeCommitIsWritten() {
        service.transaction().executeWithoutResult(status -> {
            service.append("early");
            TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    service.append("last");
                }
            });
        });

        assertThat(database.payloads()).containsExactly("early", "last");
    }

    @Test
    void appendBeforeCompletionIsWritten() {
        service.transaction()
                .executeWithoutResult(
                        status -> TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                            @Override
                            public void beforeCompletion() {
                                service.append("last");
                            }
                        }));

        assertThat(database.payloads()).containsExactly("last");
    }

    @Test
    void appendAfterCommitThrows() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.transaction()
                        .executeWithoutResult(status ->
                                TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                                    @Override
                                    public void afterCommit() {
                                        service.append("too late");
                                    }
                                })))
                .withMessageContaining("too late");

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void appendAfterARollbackThrows() {
        var refused = new AtomicInteger();
        service.transaction().executeWithoutResult(status -> {
            TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                @Override
                public int getOrder() {
                    return Ordered.HIGHEST_PRECEDENCE;
                }

                @Override
                public void afterCompletion(int completion) {
                    assertThatIllegalStateException().isThrownBy(() -> service.append("too late"));
                    refused.incrementAndGet();
                }
            });
            status.setRollbackOnly();
        });

        assertThat(refused).hasValue(1);
    }

    @Test
    void oversizePayloadRollsTheBusinessTransactionBack() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
                    service.append("x".repeat(TestOutbox.MAX_PAYLOAD_BYTES + 1));
                }))
                .isInstanceOf(PayloadCodecException.class)
                .hasMessageContaining("1001 bytes")
                .hasMessageNotContaining("xxx");

        assertThat(database.entries()).isEmpty();
        assertThat(accounts()).isZero();
    }

    @Test
    void supplierThatThrowsRollsTheBusinessTransactionBack() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
                    service.append(() -> {
                        throw new UnsupportedOperationException("not today");
                    });
                }))
                .isInstanceOf(PayloadCodecException.class)
                .hasRootCauseInstanceOf(UnsupportedOperationException.class);

        assertThat(accounts()).isZero();
    }

    @Test
    void supplierThatGivesNothingRollsTheBusinessTransactionBack() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
                    service.append(() -> null);
                }))
                .isInstanceOf(PayloadCodecException.class)
                .hasMessageContaining("returned null");

        assertThat(accounts()).isZero();
    }

    @Test
    void refusalOfTheDatabaseRollsTheBusinessTransactionBackAndKeepsItsSqlState() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
                    service.jdbc().execute("SET LOCAL default_transaction_read_only = on; SET TRANSACTION READ ONLY");
                    service.append("a");
                }))
                .isInstanceOf(OutboxStoreException.class)
                .extracting(e -> ((OutboxStoreException) e).sqlState())
                .isEqualTo("25006");

        assertThat(accounts()).isZero();
    }

    @Test
    void supplierMayAppend() {
        service.transaction()
                .executeWithoutResult(status -> service.append(() -> {
                    service.append("from the supplier");
                    return "first";
                }));

        assertThat(database.payloads()).containsExactly("first", "from the supplier");
        assertThat(service.commits()).containsExactly(2);
    }

    @Test
    void supplierThatNeverStopsAppendingFailsTheTransaction() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.transaction().executeWithoutResult(status -> appendForEver()))
                .withMessageContaining("16th time");

        assertThat(database.entries()).isEmpty();
    }

    private static void appendForEver() {
        service.append(() -> {
            appendForEver();
            return "again";
        });
    }

    @Test
    void entriesOfAFailedTransactionNeverSlipIntoTheNextOneOfTheThread() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("lost");
                    throw new IllegalArgumentException();
                }))
                .isInstanceOf(IllegalArgumentException.class);
        // A TransactionException before the commit: Spring tells no listener of the end.
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("lost");
                    TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                        @Override
                        public void beforeCommit(boolean readOnly) {
                            throw new IllegalTransactionStateException("a nested call said no");
                        }
                    });
                }))
                .isInstanceOf(IllegalTransactionStateException.class);
        service.transaction().executeWithoutResult(status -> service.append("kept"));

        assertThat(database.payloads()).containsExactly("kept");
        assertThat(service.commits()).containsExactly(1);
        assertThatIllegalStateException().isThrownBy(() -> service.append("no transaction"));
    }

    @Test
    void commitThatTheDatabaseRefusesLeavesNoEntry() {
        database.jdbc()
                .execute("ALTER TABLE account ADD COLUMN IF NOT EXISTS owner bigint REFERENCES account"
                        + " DEFERRABLE INITIALLY DEFERRED");

        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance, owner) VALUES (1, 10, 99)");
                    service.append("a");
                }))
                .isInstanceOf(DataIntegrityViolationException.class);

        assertThat(database.entries()).isEmpty();
        assertThat(service.commits()).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> service.append("b")).withMessageContaining("there is none");
    }

    // The commit may have taken place: only the database knows.
    @Test
    void commitThatLosesItsConnectionWakesTheRelay() {
        service.onCrashWindow(window -> {
            if (window == CrashWindow.ENTRIES_WRITTEN_NOT_COMMITTED) {
                int backend = service.jdbc().queryForObject("SELECT pg_backend_pid()", Integer.class);
                database.jdbc().queryForList("SELECT pg_terminate_backend(?, 10000)", backend);
            }
        });

        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> service.append("a")))
                .isInstanceOf(RuntimeException.class);

        assertThat(service.commits()).containsExactly(1);
        assertThatIllegalStateException().isThrownBy(() -> service.append("b")).withMessageContaining("there is none");
    }

    // Spring neither commits nor rolls back here, and its cleaning up sets autocommit: which commits, says JDBC.
    @Test
    void transactionThatSpringLeavesOpenIsRolledBackIfItHasEntries() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)");
                    service.append("a");
                    TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                        @Override
                        public void beforeCommit(boolean readOnly) {
                            throw new IllegalTransactionStateException("a nested call said no");
                        }
                    });
                }))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(accounts()).isZero();
        assertThat(database.entries()).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> service.append("b")).withMessageContaining("there is none");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingOfATransactionStaysOnItsThread(boolean commit) {
        var ended = new AtomicReference<WeakReference<TransactionStatus>>();
        service.transaction().executeWithoutResult(status -> {
            service.append("a");
            ended.set(new WeakReference<>(status));
            if (!commit) {
                status.setRollbackOnly();
            }
        });

        await().untilAsserted(() -> {
            System.gc();
            assertThat(ended.get().refersTo(null)).as("is garbage").isTrue();
        });
    }

    @Test
    void connectionThatIsBoundForSeveralTransactionsCarriesNothingOver() throws SQLException {
        try (Connection connection = counted.getConnection()) {
            TransactionSynchronizationManager.bindResource(counted, new ConnectionHolder(connection));
            assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                        service.append("lost");
                        TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                            @Override
                            public void beforeCommit(boolean readOnly) {
                                throw new IllegalTransactionStateException("a nested call said no");
                            }
                        });
                    }))
                    .isInstanceOf(IllegalTransactionStateException.class);
            service.transaction().executeWithoutResult(status -> service.append("kept"));
        } finally {
            TransactionSynchronizationManager.unbindResource(counted);
        }

        assertThat(database.payloads()).containsExactly("kept");
    }

    @Test
    void commitListenerThatThrowsNeverReachesTheCaller() {
        service.onCommit(entries -> {
            throw new IllegalStateException("relay is on fire");
        });

        assertThatCode(() -> service.transaction().executeWithoutResult(status -> service.append("a")))
                .doesNotThrowAnyException();

        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void commitListenerSeesTheEntriesCommitted() {
        var seen = new AtomicInteger();
        service.onCommit(entries -> seen.set(database.entries().size()));

        service.transaction().executeWithoutResult(status -> service.append("a"));

        assertThat(seen).hasValue(1);
    }

    @Test
    void transactionWithoutEntriesWakesNobody() {
        service.transaction()
                .executeWithoutResult(
                        status -> service.jdbc().update("INSERT INTO account (id, balance) VALUES (1, 10)"));

        assertThat(service.commits()).isEmpty();
    }

    @Test
    void entriesCostOneStatementHoweverManyTheyAre() {
        assertThat(statementsOfATransactionWith(0)).isZero();
        assertThat(statementsOfATransactionWith(1)).isEqualTo(1);
        assertThat(statementsOfATransactionWith(50)).isEqualTo(1);
    }

    @Test
    void orderingByLockCostsOneStatementMore() {
        int before = counted.executed();

        service.transaction()
                .executeWithoutResult(status -> IntStream.range(0, 50)
                        .forEach(i -> service.bean(Outbox.class)
                                .append(OutboxEntry.upsert(new Aggregate("locked", "" + i), (Object) "a"))));

        assertThat(counted.executed() - before).isEqualTo(2);
    }

    private static int statementsOfATransactionWith(int entries) {
        int before = counted.executed();
        service.transaction()
                .executeWithoutResult(status -> IntStream.range(0, entries).forEach(i -> service.append("" + i, "a")));
        return counted.executed() - before;
    }

    private static int accounts() {
        return database.jdbc().queryForObject("SELECT count(*) FROM account", Integer.class);
    }

    private abstract static class LastSynchronization implements TransactionSynchronization {
        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }
    }

    record Changed(String what) {}

    static class LateAppender {
        final ApplicationEventPublisher context;
        private final Outbox outbox;

        LateAppender(ApplicationEventPublisher context, Outbox outbox) {
            this.context = context;
            this.outbox = outbox;
        }

        @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
        public void on(Changed event) {
            outbox.append(OutboxEntry.upsert(new Aggregate("thing", "1"), (Object) event.what()));
        }
    }
}
