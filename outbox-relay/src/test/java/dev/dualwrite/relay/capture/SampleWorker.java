package dev.dualwrite.relay.capture;

import dev.dualwrite.outbox.OutboxException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One writer among several: transactions of a few random operations each. A transaction may be rolled back on purpose, flush in
 * between, or change more in a callback before its commit; one that fails on a conflict is tried once more.
 */
final class SampleWorker {

    private static final List<BiConsumer<EntityManager, Random>> OPERATIONS = operations();

    private final EntityManagerFactory factory;
    private final TransactionTemplate transaction;
    private final Random random;

    SampleWorker(EntityManagerFactory factory, PlatformTransactionManager manager, Random random) {
        this.factory = factory;
        this.transaction = new TransactionTemplate(manager);
        this.random = random;
    }

    /** How many of the transactions were committed. */
    int run(int transactions) {
        int committed = 0;
        for (int i = 0; i < transactions; i++) {
            long seed = random.nextLong();
            boolean done = attempt(seed);
            // As a service does after a stale version.
            committed += (done || attempt(seed)) ? 1 : 0;
        }
        return committed;
    }

    private boolean attempt(long seed) {
        var chance = new Random(seed);
        boolean rollback = chance.nextInt(10) == 0;
        try {
            transaction.executeWithoutResult(status -> {
                EntityManager entities = EntityManagerFactoryUtils.getTransactionalEntityManager(factory);
                operate(entities, chance);
                if (chance.nextInt(5) == 0) {
                    beforeCommit(() -> operate(entities, chance));
                }
                if (rollback) {
                    status.setRollbackOnly();
                }
            });
            return !rollback;
        } catch (RuntimeException e) {
            if (!isConflict(e)) {
                throw e;
            }
            return false;
        }
    }

    /** Writers meet on few rows: stale versions, duplicate keys, references to what is gone, deadlocks. */
    private static boolean isConflict(Throwable failure) {
        boolean conflict = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutboxException) {
                return false;
            }
            conflict |= cause instanceof PersistenceException || cause instanceof SQLException;
        }
        return conflict;
    }

    private static void operate(EntityManager entities, Random chance) {
        for (int i = 0; i <= chance.nextInt(4); i++) {
            OPERATIONS.get(chance.nextInt(OPERATIONS.size())).accept(entities, chance);
            if (chance.nextInt(4) == 0) {
                entities.flush();
            }
        }
    }

    private static void beforeCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                work.run();
            }
        });
    }

    private static List<BiConsumer<EntityManager, Random>> operations() {
        var all = new ArrayList<>(OrderWork.ALL);
        all.addAll(SampleWork.ALL);
        all.addAll(StatelessWork.ALL);
        return all;
    }
}
