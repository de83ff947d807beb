package dev.dualwrite.spring.jpa;

import java.sql.Connection;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** The connection that a session works on. */
final class PhysicalConnection {

    private PhysicalConnection() {}

    static Connection of(SharedSessionContractImplementor session) {
        return session.getJdbcCoordinator().getLogicalConnection().getPhysicalConnection();
    }
}
