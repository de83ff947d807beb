package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.PayloadCodecException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.stream.IntStream;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.Ordered;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.hibernate.HibernateTransactionManager;
import org.springframework.orm.jpa.hibernate.SessionHolder;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** When an entry exists, and what it sees, in a transaction that Hibernate drives. */
class JpaAppendIT {

    private static TestOutbox database;
    private static HikariDataSource pool;
    private static CountingDataSource counted;
    private static TestService service;
    private static EntityManager entities;

    @BeforeAll
    static void start() {
        database = TestOutbox.install();
        pool = database.pool();
        counted = new CountingDataSource(pool);
        service = TestService.start(database, counted, TestService.Jpa.class);
        entities = SharedEntityManagerCreator.createSharedEntityManager(service.bean(EntityManagerFactory.class));
    }

    @AfterAll
    static void stop() {
        service.close();
        pool.close();
    }

    @BeforeEach
    void oneAccount() {
        database.jdbc().update("DELETE FROM account");
        database.jdbc().update("DELETE FROM ledger");
        service.transaction().executeWithoutResult(status -> entities.persist(new Account(1, "new")));
        service.reset();
        database.clear();
    }

    @Test
    void committedTransactionLeavesItsEntriesInTheOrderOfTheirAppend() {
        Long xid = service.transaction().execute(status -> {
            account().state = "changed";
            service.append("1", "a");
            service.append("2", "b");
            return (Long) entities.createNativeQuery("SELECT pg_current_xact_id()::text::bigint", Long.class)
                    .getSingleResult();
        });

        assertThat(database.entries()).extracting(TestOutbox.Row::payload).containsExactly("a", "b");
        assertThat(database.entries()).extracting(TestOutbox.Row::xid).containsOnly(xid);
        assertThat(stored()).isEqualTo("changed@1");
        assertThat(service.commits()).containsExactly(2);
    }

    @Test
    void rolledBackTransactionLeavesNoEntry() {
        service.transaction().executeWithoutResult(status -> {
            account().state = "changed";
            service.append("a");
            status.setRollbackOnly();
        });

        assertThat(database.entries()).isEmpty();
        assertThat(stored()).isEqualTo("new@0");
    }

    @Test
    void rollbackOnlyTransactionWritesNothing() {
        int before = counted.executed();
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(outer -> {
                    service.append("a");
                    service.transaction().executeWithoutResult(inner -> inner.setRollbackOnly());
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(counted.executed() - before).isZero();
        assertThat(database.entries()).isEmpty();
        assertThat(service.commits()).isEmpty();
    }

    @Test
    void readOnlyTransactionRefusesEntries() {
        service.readOnly()
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("read-only"));
    }

    @Test
    void innerAndOuterTransactionsKeepTheirOwnEntries() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("outer");
            service.requiresNew().executeWithoutResult(inner -> {
                service.append("inner");
                inner.setRollbackOnly();
            });
        });
        service.transaction().executeWithoutResult(outer -> {
            service.append("outer 2");
            service.requiresNew().executeWithoutResult(inner -> service.append("inner 2"));
            outer.setRollbackOnly();
        });

        assertThat(database.payloads()).containsExactly("outer", "inner 2");
    }

    @Test
    void nestedScopeThrowsAndLeavesNothing() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(outer -> {
                    service.append("a");
                    service.nested().executeWithoutResult(nested -> service.append("b"));
                }))
                .isInstanceOf(NestedTransactionNotSupportedException.class);

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void plainJdbcInTheSameTransactionSharesItsFate() {
        service.transaction().executeWithoutResult(status -> {
            service.jdbc().update("UPDATE account SET state = 'by jdbc'");
            service.append("a");
            status.setRollbackOnly();
        });

        assertThat(database.entries()).isEmpty();
        assertThat(stored()).isEqualTo("new@0");
    }

    @Test
    void supplierSeesTheVersionOfTheFlush() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            service.append(account::text);
            account.state = "changed";
        });

        assertThat(database.payloads()).containsExactly("changed@1").containsExactly(stored());
    }

    // Hibernate raises this version after its last flush, just before the commit.
    @Test
    void supplierSeesTheVersionOfAnOptimisticForceIncrement() {
        service.transaction().executeWithoutResult(status -> {
            Account account = entities.find(Account.class, 1L, LockModeType.OPTIMISTIC_FORCE_INCREMENT);
            service.append(account::text);
        });

        assertThat(database.payloads()).containsExactly("new@1").containsExactly(stored());
    }

    @Test
    void changeMadeByASupplierIsFlushedInTheSameTransaction() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            service.append(() -> {
                account.state = "by the supplier";
                return "a";
            });
        });

        assertThat(stored()).isEqualTo("by the supplier@1");
        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void versionIncrementThatASupplierAsksForIsMade() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            service.append(() -> {
                entities.lock(account, LockModeType.OPTIMISTIC_FORCE_INCREMENT);
                return "a";
            });
        });

        assertThat(stored()).isEqualTo("new@1");
    }

    @Test
    void sessionThatIsFlushedByHandOnlyIsNotFlushedByTheOutbox() {
        service.transaction().executeWithoutResult(status -> {
            entities.unwrap(Session.class).setHibernateFlushMode(FlushMode.MANUAL);
            account().state = "never flushed";
            service.append("a");
        });

        assertThat(stored()).isEqualTo("new@0");
        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void entityListenerAppendsDuringAFlush() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            account.inFlush = () -> service.append("from the listener");
            account.state = "changed";
            entities.flush();
            service.append("after the flush");
        });

        assertThat(database.payloads()).containsExactly("from the listener", "after the flush");
    }

    @Test
    void entityListenerMakesTheFirstAppendDuringHibernatesOwnLastFlush() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            account.inFlush = () -> service.append(account::text);
            account.state = "changed";
        });

        assertThat(database.payloads()).containsExactly("changed@1");
    }

    @Test
    void entityListenerAppendsWhileSuppliersChangesAreFlushed() {
        service.transaction().executeWithoutResult(status -> {
            Account account = account();
            account.inFlush = () -> service.append(account::text);
            service.append(() -> {
                account.state = "by the supplier";
                return "a";
            });
        });

        assertThat(database.payloads()).containsExactly("a", "by the supplier@1");
    }

    @Test
    void appendInTheLastSynchronizationsBeforeCommitIsWritten() {
        service.transaction()
                .executeWithoutResult(
                        status -> TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                            @Override
                            public void beforeCommit(boolean readOnly) {
                                account().state = "changed late";
                                service.append("late");
                            }
                        }));

        assertThat(database.payloads()).containsExactly("late");
        assertThat(stored()).isEqualTo("changed late@1");
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
    }

    // Hibernate and Spring would wrap it twice.
    @Test
    void oversizePayloadRollsTheBusinessTransactionBackWithTheSameExceptionAsEver() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    account().state = "changed";
                    service.append("x".repeat(TestOutbox.MAX_PAYLOAD_BYTES + 1));
                }))
                .isInstanceOf(PayloadCodecException.class);

        assertThat(database.entries()).isEmpty();
        assertThat(stored()).isEqualTo("new@0");
    }

    @Test
    void supplierThatNeverStopsAppendingFailsTheTransactionWithTheSameExceptionAsEver() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    account().state = "changed";
                    appendForEver();
                }))
                .withMessageContaining("16th time");

        assertThat(stored()).isEqualTo("new@0");
    }

    private static void appendForEver() {
        service.append(() -> {
            appendForEver();
            return "again";
        });
    }

    @Test
    void refusalOfTheDatabaseRollsTheBusinessTransactionBack() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    account().state = "changed";
                    entities.flush();
                    entities.createNativeQuery("SET TRANSACTION READ ONLY").executeUpdate();
                    service.append("a");
                }))
                .isInstanceOf(OutboxStoreException.class);

        assertThat(stored()).isEqualTo("new@0");
    }

    @Test
    void connectionInAutocommitModeIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("a");
                    entities.unwrap(Session.class).doWork(connection -> connection.setAutoCommit(true));
                }))
                .withMessageContaining("autocommit");

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void failuresOfTheServicesOwnFlushStayWhatTheyWere() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("a");
                    entities.persist(new Account(1, "duplicate"));
                }))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    service.append("a");
                    account().state = "changed";
                    database.jdbc().update("UPDATE account SET version = version + 1");
                }))
                .isInstanceOf(OptimisticLockingFailureException.class);

        assertThat(database.entries()).isEmpty();
        assertThat(service.commits()).isEmpty();
    }

    @Test
    void failureToFlushASuppliersChangeIsTheOneThatSpringMakesOfIt() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    Account account = account();
                    service.append(() -> {
                        account.state = "by the supplier";
                        database.jdbc().update("UPDATE account SET version = version + 1");
                        return "a";
                    });
                }))
                .isInstanceOf(OptimisticLockingFailureException.class);

        assertThat(database.entries()).isEmpty();
    }

    // Spring neither commits nor rolls back here.
    @Test
    void transactionThatSpringLeavesOpenIsRolledBackIfItHasEntries() {
        assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                    account().state = "changed";
                    entities.flush();
                    service.append("a");
                    TransactionSynchronizationManager.registerSynchronization(new LastSynchronization() {
                        @Override
                        public void beforeCommit(boolean readOnly) {
                            throw new IllegalTransactionStateException("a nested call said no");
                        }
                    });
                }))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(stored()).isEqualTo("new@0");
        assertThat(database.entries()).isEmpty();
    }

    // Open-in-view: one session, bound to the thread, for several transactions.
    @Test
    void sessionThatOutlivesItsTransactionsCarriesNothingOver() {
        var factory = service.bean(EntityManagerFactory.class);
        EntityManager session = factory.createEntityManager();
        TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(session));
        try {
            assertThatThrownBy(() -> service.transaction().executeWithoutResult(outer -> {
                        service.append("lost");
                        service.transaction().executeWithoutResult(inner -> inner.setRollbackOnly());
                    }))
                    .isInstanceOf(UnexpectedRollbackException.class);
            assertThatThrownBy(() -> service.transaction().executeWithoutResult(status -> {
                        service.append("lost");
                        entities.persist(new Account(1, "duplicate"));
                    }))
                    .isInstanceOf(DataIntegrityViolationException.class);
            service.transaction().executeWithoutResult(status -> service.append("kept"));
            service.transaction().executeWithoutResult(status -> account().state = "no entry");
            assertThatIllegalStateException().isThrownBy(() -> service.append("between transactions"));
            service.transaction().executeWithoutResult(status -> service.append("kept too"));
        } finally {
            TransactionSynchronizationManager.unbindResource(factory);
            session.close();
        }

        assertThat(database.payloads()).containsExactly("kept", "kept too");
        assertThat(service.commits()).containsExactly(1, 1);
    }

    // Trap: its callbacks run before its batch. The row must be there, and locked, when the numbers are drawn.
    @Test
    void batchOfAStatelessSessionOnTheSameConnectionIsExecutedBeforeTheEntries() {
        service.transaction().executeWithoutResult(status -> {
            StatelessSession stateless = entities.unwrap(Session.class)
                    .statelessWithOptions()
                    .connection()
                    .open();
            stateless.setJdbcBatchSize(10);
            stateless.insert(new Ledger(1, "by a stateless session"));
            service.append("a");
        });

        // cmin is the number of the command within its transaction.
        int ledger = database.jdbc().queryForObject("SELECT cmin::text::integer FROM ledger", Integer.class);
        int entry =
                database.jdbc().queryForObject("SELECT cmin::text::integer FROM dualwrite.outbox_entry", Integer.class);
        assertThat(entry).isGreaterThan(ledger);
    }

    @Test
    void hibernatesOwnTransactionManagerCounts() {
        SessionFactory factory = service.bean(EntityManagerFactory.class).unwrap(SessionFactory.class);
        var manager = new HibernateTransactionManager(factory);
        manager.setDataSource(counted);
        service.bean(OutboxTransactions.class).attach(manager);

        new TransactionTemplate(manager).executeWithoutResult(status -> {
            var holder = (SessionHolder) TransactionSynchronizationManager.getResource(factory);
            Account account = holder.getSession().find(Account.class, 1L);
            account.inFlush = () -> service.append(account::text);
            account.state = "changed";
        });

        assertThat(database.payloads()).containsExactly("changed@1");
    }

    @Test
    void entriesCostOneStatementHoweverManyTheyAre() {
        assertThat(statementsOfATransactionWith(0)).isZero();
        assertThat(statementsOfATransactionWith(1)).isEqualTo(1);
        assertThat(statementsOfATransactionWith(50)).isEqualTo(1);
    }

    private static int statementsOfATransactionWith(int entries) {
        int before = counted.executed();
        service.transaction()
                .executeWithoutResult(status -> IntStream.range(0, entries).forEach(i -> service.append("" + i, "a")));
        return counted.executed() - before;
    }

    private static Account account() {
        return entities.find(Account.class, 1L);
    }

    private static String stored() {
        List<String> rows =
                database.jdbc().queryForList("SELECT state || '@' || version FROM account WHERE id = 1", String.class);
        return rows.get(0);
    }

    private abstract static class LastSynchronization implements TransactionSynchronization {
        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }
    }
}
