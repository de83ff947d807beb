package dev.dualwrite.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.spring.bypass.CaptureBypassAutoConfiguration;
import dev.dualwrite.spring.bypass.CapturedTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/** A start that has only half of what it takes to see bypasses says so, and touches no database for it. */
class HalfConfiguredWatchTest {

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CaptureBypassAutoConfiguration.class))
            .withBean("shop", DataSource.class, HikariDataSource::new);

    private final ApplicationContextRunner annotated = service.withBean(
            PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Entities.Order.class.getName()));

    @Test
    void annotatedEntitiesThatNothingCapturesAreTold() {
        assertThat(warningsOf(annotated))
                .containsExactly("outbox_capture_bypass_blind reason=captured_tables_are_not_known"
                        + " effect=bypasses_are_not_seen");
    }

    @Test
    void capturedTablesWhoseDataSourceIsNotWatchedAreTold() {
        assertThat(warningsOf(service.withBean(CapturedTables.class, () -> new CapturedTables(Map.of("o", "O")))))
                .containsExactly("outbox_capture_bypass_blind reason=data_source_is_not_watched"
                        + " effect=bypasses_are_not_seen");
    }

    @Test
    void nothingIsToldWhereNothingIsCaptured() {
        assertThat(warningsOf(service)).isEmpty();
        assertThat(warningsOf(service.withBean(CapturedTables.class, () -> new CapturedTables(Map.of()))))
                .isEmpty();
    }

    @Test
    void nothingIsWatchedNorToldIfItIsSwitchedOff() {
        ApplicationContextRunner off = annotated.withPropertyValues("dualwrite.capture.bypass=off");

        assertThat(warningsOf(off)).isEmpty();
        off.run(context -> assertThat(AopUtils.isAopProxy(context.getBean(DataSource.class)))
                .isFalse());
    }

    @Test
    void watchedPoolIsClosedWithItsService() {
        List<HikariDataSource> pools = new ArrayList<>();

        annotated.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            assertThat(AopUtils.isAopProxy(pool)).isTrue();
            assertThat(pool.isClosed()).isFalse();
            pools.add(pool);
        });

        assertThat(pools).singleElement().matches(HikariDataSource::isClosed);
    }

    private static List<String> warningsOf(ApplicationContextRunner runner) {
        try (LoggedEvents log = LoggedEvents.listen()) {
            runner.run(context -> assertThat(context).hasNotFailed());
            return log.warnings();
        }
    }
}
