package dev.dualwrite.spring.jpa;

import java.util.Map;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Snapshots. */
final class RowSnapshots implements Snapshots {
    @Override
    public Object of(SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        return Map.of();
    }
}
