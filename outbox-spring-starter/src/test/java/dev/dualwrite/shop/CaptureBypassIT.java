package dev.dualwrite.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.dualwrite.outbox.CaptureBypassedException;
import dev.dualwrite.shop.Entities.Label;
import dev.dualwrite.shop.Entities.Order;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of changes that go past the capture, and how one is allowed. */
@ExtendWith(Shops.class)
class CaptureBypassIT {

    private static LoggedEvents log;
    private static Shop warns;
    private static Shop fails;

    @BeforeAll
    static void start(Shops.Started shops) {
        warns = shops.warns();
        fails = shops.fails();
        // Each start of Boot sets the logging up anew.
        log = LoggedEvents.listen();
    }

    @AfterAll
    static void stop() {
        log.close();
    }

    @BeforeEach
    void clear() {
        log.clear();
    }

    @ParameterizedTest
    @EnumSource
    void bypassIsLoggedOnceWithItsPlaceAndWithoutValues(Bypasses bypass) {
        for (int i = 0; i < 2; i++) {
            warns.inTransaction(() -> {
                // The flush that a query makes is the entities' own.
                warns.entities().persist(new Order("new"));
                bypass.on(warns);
            });
        }

        String table = bypass == Bypasses.PLAIN_STATEMENT ? "public.customer" : bypass.table();
        assertThat(log.warnings())
                .filteredOn(w -> w.matches(".* table=\\S*\\b" + table + "\\b.*"))
                .hasSize(1);
        assertThat(log.warnings())
                .allSatisfy(warning -> assertThat(warning)
                        .startsWith("outbox_capture_bypassed table=")
                        .contains(" entity=dev.dualwrite.shop.Entities$")
                        .containsPattern("place=dev\\.dualwrite\\.shop\\.Bypasses\\S*\\(Bypasses\\.java:\\d+\\)")
                        .doesNotContain("'"));
    }

    @ParameterizedTest
    @EnumSource
    void refusedBypassReachesItsCallerAndRollsBack(Bypasses bypass) {
        long before = orders();

        assertThatThrownBy(() -> fails.inTransaction(() -> {
                    fails.entities().persist(new Order("new"));
                    bypass.on(fails);
                }))
                .isInstanceOf(CaptureBypassedException.class)
                .hasMessageContaining("would change '")
                .hasMessageContaining(" at dev.dualwrite.shop.Bypasses")
                .hasMessageContaining("Next: change the entities instead");

        assertThat(orders()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void allowedBypassIsLetThrough(Bypasses bypass) {
        fails.inTransaction(() -> fails.bypass().run("the copy is rebuilt afterwards", () -> bypass.on(fails)));

        assertThat(log.warnings()).isEmpty();
        assertThatThrownBy(() -> fails.inTransaction(() -> bypass.on(fails)))
                .isInstanceOf(CaptureBypassedException.class);
    }

    @Test
    void allowedPlaceIsLoggedOnceWithItsReason() {
        for (int i = 0; i < 2; i++) {
            fails.bypass().run("nothing that\nis shared", () -> fails.jdbc().update("DELETE FROM customer_note"));
        }

        assertThat(log.of(Level.INFO))
                .singleElement()
                .asString()
                .startsWith("outbox_capture_bypass_allowed place=dev.dualwrite.shop.CaptureBypassIT")
                .endsWith("reason=nothing that is shared");
    }

    @Test
    void allowedCallInsideAnotherEndsAlone() {
        int changed = fails.bypass().call("outer", () -> {
            fails.bypass().run("inner", () -> fails.jdbc().update("DELETE FROM customer_note"));
            return fails.jdbc().update("DELETE FROM customer_note");
        });

        assertThat(changed).isZero();
    }

    @Test
    void failureInsideEndsThePermissionToo() {
        assertThatThrownBy(() -> fails.bypass().run("fails", () -> {
                    throw new IllegalStateException("on purpose");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThatThrownBy(() -> fails.jdbc().update("DELETE FROM customer_note"))
                .isInstanceOf(CaptureBypassedException.class);
    }

    @Test
    void readingAndLockingIsNoBypass() {
        fails.inTransaction(() -> {
            fails.jdbc().queryForList("SELECT id FROM orders FOR UPDATE OF orders");
            fails.jdbc().queryForList("SELECT 'DELETE FROM orders; UPDATE orders SET x = 1'");
            fails.entities().createQuery("select o from Order o", Order.class).getResultList();
        });

        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void tablesThatAreNotCapturedAreLeftAlone() {
        fails.jdbc()
                .execute("CREATE SCHEMA archive CREATE TABLE orders (id bigint) CREATE TABLE old_orders (id bigint)");

        fails.jdbc().update("INSERT INTO archive.orders (id) SELECT id FROM orders");
        fails.jdbc().update("INSERT INTO archive.old_orders (id) SELECT id FROM public.orders");

        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void sqlOfAnEntityListenerIsABypassThoughAFlushIsUnderWay() {
        Label label = new Label("listened");
        label.whenInserted = () -> fails.jdbc().update("DELETE FROM customer_note");

        assertThatThrownBy(() -> fails.inTransaction(() -> {
                    fails.entities().persist(label);
                    fails.entities().flush();
                }))
                .isInstanceOf(CaptureBypassedException.class);
    }

    private static long orders() {
        return fails.entities()
                .createQuery("select count(o) from Order o", Long.class)
                .getSingleResult();
    }
}
