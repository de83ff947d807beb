package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
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
        service = CaptureService.start(Rate.class);
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
