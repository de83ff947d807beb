package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a snapshot of a row holds. */
class SnapshotCaptureIT {

    private static CaptureService service;

    @BeforeAll
    static void start() {
        service = CaptureService.start(Rate.class, Price.class, Label.class);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void oneRate() {
        service.outside().update("DELETE FROM rate");
        service.change(s -> s.persist(new Rate(1, "first")));
    }

    private static List<String> payloads(Consumer<EntityManager> work) {
        service.captured(work);
        return service.outside()
                .queryForList(
                        "SELECT operation::text || coalesce(' ' || convert_from(payload, 'UTF8'), '')"
                                + " FROM dualwrite.outbox_entry ORDER BY sequence",
                        String.class);
    }

    @Test
    void snapshotIsTheRowThatIsCommitted() {
        assertThat(payloads(s -> {
                    Rate rate = s.find(Rate.class, 1L);
                    rate.text = "second";
                    s.flush();
                    rate.text = "third";
                }))
                .containsExactly("U {\"id\":1,\"text\":\"third\",\"version\":2}");
    }

    @Test
    void deletionHasNoPayload() {
        assertThat(payloads(s -> s.remove(s.find(Rate.class, 1L)))).containsExactly("D");
    }

    @Test
    void objectThatTheSessionHasForgottenIsReadAgain() {
        assertThat(payloads(s -> {
                    Rate rate = s.find(Rate.class, 1L);
                    rate.text = "second";
                    s.flush();
                    s.clear();
                    rate.text = "nobody writes this";
                }))
                .containsExactly("U {\"id\":1,\"text\":\"second\",\"version\":1}");
    }

    @Test
    void statelessSessionThatIsClosedBeforeTheEndLeavesASnapshot() {
        assertThat(payloads(s -> {
                    try (StatelessSession session = s.unwrap(Session.class)
                            .statelessWithOptions()
                            .connection()
                            .open()) {
                        session.insert(new Rate(2, "stateless"));
                    }
                }))
                .containsExactly("U {\"id\":2,\"text\":\"stateless\",\"version\":0}");
    }

    @Test
    void snapshotHoldsWhatTheRowHoldsAndNotWhatTheObjectSays() {
        service.outside().update("DELETE FROM price");
        service.change(s -> s.persist(new Price(1, "1.239")));
        service.forget();

        assertThat(payloads(s -> {
                    var detached = new Price(1, "2.345");
                    detached.currency = "nobody writes this";
                    detached.source = "nor this";
                    s.merge(detached);
                }))
                .containsExactly("U {\"id\":1,\"amount\":2.35,\"currency\":\"EUR\",\"source\":\"database\"}");
    }

    @Test
    void snapshotsOfManyRowsAreReadTogether() {
        int before = service.executed();

        service.change(s -> {
            for (int i = 1; i <= 450; i++) {
                s.persist(new Rate(1000 + i, "rate"));
                if (i % 50 == 0) {
                    s.flush();
                    s.clear();
                }
            }
        });

        // Nine batches of inserts, three slices, and the entries.
        assertThat(service.executed() - before).isEqualTo(9 + 3 + 1);
    }

    @Test
    void rowThatChangesAfterItWasReadIsReadAgain() {
        service.change(s -> s.persist(new Rate(2, "first")));

        assertThat(payloads(s -> {
                    s.find(Rate.class, 1L).text = "second";
                    s.flush();
                    Rate other = s.find(Rate.class, 2L);
                    service.bean(Outbox.class).append(OutboxEntry.upsert(new Aggregate("more", "1"), () -> {
                        other.text = "third";
                        s.flush();
                        return "more";
                    }));
                    other.text = "second";
                }))
                .containsExactly(
                        "U {\"id\":1,\"text\":\"second\",\"version\":1}",
                        "U \"more\"",
                        "U {\"id\":2,\"text\":\"third\",\"version\":2}",
                        "U {\"id\":2,\"text\":\"third\",\"version\":2}");
    }

    @Test
    void entriesCarryTheVersionOfTheirEntity() {
        service.captured(s -> {
            s.persist(new Price(7, "1"));
            s.persist(new Label(7));
        });

        assertThat(service.outside().queryForList("""
                                SELECT aggregate_type || ' ' || schema_version FROM dualwrite.outbox_entry ORDER BY 1
                                """, String.class)).containsExactly("label 2", "price 3");
    }

    @Entity(name = "Label")
    @Captured(version = 2)
    static class Label {
        @Id
        Long id;

        Label() {}

        Label(long id) {
            this.id = id;
        }
    }

    @Entity(name = "Price")
    @Captured(entry = EntryKind.SNAPSHOT, version = 3)
    static class Price {
        @Id
        Long id;

        @Column(precision = 10, scale = 2)
        BigDecimal amount;

        @Column(updatable = false)
        String currency = "EUR";

        @Column(insertable = false, updatable = false, columnDefinition = "text DEFAULT 'database'")
        String source;

        Price() {}

        Price(long id, String amount) {
            this.id = id;
            this.amount = new BigDecimal(amount);
        }
    }

    @Entity(name = "Rate")
    @Captured(entry = EntryKind.SNAPSHOT)
    static class Rate {
        @Id
        Long id;

        String text;

        @Version
        int version;

        Rate() {}

        Rate(long id, String text) {
            this.id = id;
            this.text = text;
        }
    }
}
