package dev.dualwrite.spring.jpa;

import java.util.Map;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.persister.entity.EntityPersister;

/** A session factory that never meets a database. */
final class Metamodel implements AutoCloseable {

    private final SessionFactoryImplementor factory;

    private Metamodel(SessionFactoryImplementor factory) {
        this.factory = factory;
    }

    static Metamodel of(Class<?>... entities) {
        var configuration = new Configuration();
        for (Class<?> entity : entities) {
            configuration.addAnnotatedClass(entity);
        }
        configuration.setProperty("hibernate.boot.allow_jdbc_metadata_access", "false");
        configuration.setProperty("hibernate.dialect", "org.hibernate.dialect.PostgreSQLDialect");
        return new Metamodel(configuration.buildSessionFactory().unwrap(SessionFactoryImplementor.class));
    }

    SessionFactoryImplementor factory() {
        return factory;
    }

    EntityPersister persister(Class<?> entity) {
        return factory.getMappingMetamodel().getEntityDescriptor(entity);
    }

    /** Without properties; sinks "copy" and "archive" are known. */
    CapturedModelBuilder builder() {
        return builder(Map.of());
    }

    CapturedModelBuilder builder(Map<String, CaptureProperties.Entity> properties) {
        return new CapturedModelBuilder(factory, new CaptureProperties(properties), Sinks.KNOWN);
    }

    @Override
    public void close() {
        factory.close();
    }
}
