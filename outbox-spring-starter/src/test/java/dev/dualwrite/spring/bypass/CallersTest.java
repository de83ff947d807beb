package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose statement it is, by the stack. */
class CallersTest {

    private static final String PREPARER = "org.hibernate.engine.jdbc.internal.MutationStatementPreparerImpl";
    private static final String EXECUTOR = "org.hibernate.engine.jdbc.mutation.internal.MutationExecutorSingleBatched";
    private static final String QUERY = "org.hibernate.sql.exec.internal.StandardJdbcMutationExecutor";

    @Test
    void nearestFrameThatTellsDecides() {
        assertThat(isAnEntitys("dev.dualwrite.spring.bypass.WatchedConnection", PREPARER, EXECUTOR))
                .isTrue();
        assertThat(isAnEntitys(PREPARER, QUERY, "com.acme.Orders")).isFalse();
        assertThat(isAnEntitys(
                        PREPARER, QUERY, "com.acme.Listener", "org.hibernate.action.internal.EntityInsertAction"))
                .isFalse();
        assertThat(isAnEntitys(PREPARER, "java.util.ArrayList", "org.hibernate.persister.X", QUERY))
                .isTrue();
    }

    @Test
    void codeOfTheServiceThatHibernateCallsIsNotHibernate() {
        assertThat(isAnEntitys("com.acme.Listener", "org.hibernate.jpa.event.internal.ListenerCallback", EXECUTOR))
                .isFalse();
        assertThat(isAnEntitys("com.acme.Work", "org.hibernate.jdbc.WorkExecutor", EXECUTOR))
                .isFalse();
        assertThat(isAnEntitys(PREPARER, "com.acme.OwnDriver", EXECUTOR)).isFalse();
        assertThat(isAnEntitys("com.acme.Orders")).isFalse();
    }

    @Test
    void wrapperOfConnectionsBetweenHibernateAndTheDriverChangesNothing() {
        assertThat(isAnEntitys("com.p6spy.engine.Wrapper", "jdk.proxy2.$Proxy9", PREPARER, EXECUTOR))
                .isTrue();
    }

    @Test
    void proxiesAndFrameworksAreNotThePlace() {
        assertThat(List.of(
                        "com.acme.Orders$$SpringCGLIB$$0",
                        "jdk.proxy2.$Proxy9",
                        "com.acme.$Proxy9",
                        "org.springframework.jdbc.core.JdbcTemplate",
                        "org.hibernate.query.sqm.internal.SqmQueryImpl",
                        "dev.dualwrite.spring.bypass.CaptureBypass"))
                .noneMatch(Callers::isTheServices);
        assertThat(Callers.isTheServices("com.acme.Orders")).isTrue();
    }

    private static boolean isAnEntitys(String... classes) {
        return Callers.decide(List.of(classes).iterator());
    }
}
