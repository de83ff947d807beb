package dev.dualwrite.spring.jpa;

import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Makes the payloads of snapshots. */
@FunctionalInterface
interface Snapshots {

    /** The state of a root's row as it will be committed; called at the end of the transaction, after the flush. */
    Object of(SharedSessionContractImplementor session, CapturedRoot root, Object id);
}
