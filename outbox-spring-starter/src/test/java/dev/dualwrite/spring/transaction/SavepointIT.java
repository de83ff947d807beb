package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.TransactionStatus;

/** What a savepoint takes with it. */
class SavepointIT {

    private static TestOutbox database;
    private static HikariDataSource pool;
    private static TestService service;

    @BeforeAll
    static void start() {
        database = TestOutbox.install();
        pool = database.pool();
        service = TestService.start(database, pool, TestService.Jdbc.class);
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
    }

    @Test
    void rolledBackNestedScopeTakesItsEntriesWithIt() {
        inTransaction(status -> {
            service.append("before");
            service.nested().executeWithoutResult(nested -> {
                service.append("nested");
                nested.setRollbackOnly();
            });
            service.append("after");
        });

        assertThat(database.payloads()).containsExactly("before", "after");
        assertThat(service.commits()).containsExactly(2);
    }

    @Test
    void nestedScopeThatThrowsTakesItsEntriesWithIt() {
        inTransaction(status -> {
            service.append("before");
            assertThatThrownBy(() -> service.nested().executeWithoutResult(nested -> {
                        service.append("nested");
                        throw new IllegalArgumentException();
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        });

        assertThat(database.payloads()).containsExactly("before");
    }

    @Test
    void releasedNestedScopeLeavesItsEntries() {
        inTransaction(status -> {
            service.append("before");
            service.nested().executeWithoutResult(nested -> service.append("nested"));
            service.append("after");
        });

        assertThat(database.payloads()).containsExactly("before", "nested", "after");
    }

    @Test
    void nestedScopesInsideEachOtherTakeTheirOwnEntries() {
        inTransaction(status -> {
            service.append("0");
            service.nested().executeWithoutResult(one -> {
                service.append("1");
                service.nested().executeWithoutResult(two -> {
                    service.append("2");
                    two.setRollbackOnly();
                });
                service.append("1 again");
            });
            service.nested().executeWithoutResult(three -> {
                service.append("3");
                service.nested().executeWithoutResult(four -> service.append("4"));
                three.setRollbackOnly();
            });
        });

        assertThat(database.payloads()).containsExactly("0", "1", "1 again");
    }

    @Test
    void manualSavepointTakesItsEntriesWithItEachTimeItIsRolledBackTo() {
        inTransaction(status -> {
            service.append("before");
            Object savepoint = status.createSavepoint();
            service.append("lost");
            status.rollbackToSavepoint(savepoint);
            service.append("lost too");
            status.rollbackToSavepoint(savepoint);
            status.releaseSavepoint(savepoint);
            service.append("after");
        });

        assertThat(database.payloads()).containsExactly("before", "after");
    }

    @Test
    void rolledBackOuterSavepointTakesWhatAnInnerReleasedOneKept() {
        inTransaction(status -> {
            Object outer = status.createSavepoint();
            service.append("1");
            Object inner = status.createSavepoint();
            service.append("2");
            status.releaseSavepoint(inner);
            status.rollbackToSavepoint(outer);
            service.append("3");
        });

        assertThat(database.payloads()).containsExactly("3");
    }

    @Test
    void savepointInsideAnInnerNewTransactionLeavesTheOuterOnesEntriesAlone() {
        inTransaction(status -> {
            service.append("outer");
            service.requiresNew().executeWithoutResult(inner -> {
                service.append("inner");
                Object savepoint = inner.createSavepoint();
                service.append("lost");
                inner.rollbackToSavepoint(savepoint);
            });
        });

        assertThat(database.payloads()).containsExactlyInAnyOrder("outer", "inner");
    }

    @Test
    void savepointThatIsRolledBackWhileEntriesAreSerialisedTakesItsOwnEntriesOnly() {
        inTransaction(status -> {
            service.append("first");
            service.append(() -> {
                service.append("from the supplier");
                service.nested().executeWithoutResult(nested -> {
                    service.append("lost");
                    nested.setRollbackOnly();
                });
                return "second";
            });
        });

        assertThat(database.payloads()).containsExactly("first", "second", "from the supplier");
    }

    private static void inTransaction(Consumer<TransactionStatus> work) {
        service.transaction().executeWithoutResult(work);
    }
}
