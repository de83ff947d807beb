package dev.dualwrite.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.CaptureBypassedException;
import dev.dualwrite.shop.Entities.Address;
import dev.dualwrite.shop.Entities.Article;
import dev.dualwrite.shop.Entities.CardPayment;
import dev.dualwrite.shop.Entities.Customer;
import dev.dualwrite.shop.Entities.Label;
import dev.dualwrite.shop.Entities.Line;
import dev.dualwrite.shop.Entities.Order;
import dev.dualwrite.shop.Entities.Parcel;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever Hibernate writes for an entity is never taken for a bypass: each of these would throw if it were. */
@ExtendWith(Shops.class)
class EntityWritesIT {

    private static LoggedEvents log;
    private static Shop shop;

    private Long id;

    @BeforeAll
    static void start(Shops.Started shops) {
        shop = shops.fails();
        // Boot sets the logging up when it starts.
        log = LoggedEvents.listen();
    }

    @AfterAll
    static void stop() {
        log.close();
    }

    @BeforeEach
    void oneOrderWithEverything() {
        Order order = new Order("new");
        shop.inTransaction(() -> {
            shop.entities().persist(order);
            order.lines.add(new Line(order, 1));
            order.lines.add(new Line(order, 2));
            order.tags.addAll(List.of("a", "b"));
            order.stops.addAll(List.of(new Address("Bonn"), new Address("Kyiv")));
            order.notes.put("k", "v");
            Label label = new Label("label of " + order.id);
            shop.entities().persist(label);
            order.labels.add(label);
            order.ranked.add(new Label("ranked of " + order.id));
        });
        id = order.id;
    }

    @AfterEach
    void nothingIsLogged() {
        assertThat(log.warnings()).isEmpty();
        // The detector did look: the same tables by hand.
        assertThatThrownBy(() -> shop.jdbc().update("DELETE FROM orders")).isInstanceOf(CaptureBypassedException.class);
    }

    @Test
    void everyTableOfTheEntitiesIsLookedAfter() {
        assertThat(shop.jdbc()
                        .queryForList("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", String.class))
                .containsExactlyInAnyOrderElementsOf(Shop.TABLES);
    }

    @Test
    void flushOfChangedEntities() {
        inOrder(order -> {
            order.status = "changed";
            order.address = new Address("Rome");
            order.lines.get(0).quantity = 5;
            shop.entities().flush();
            order.status = "changed again";
        });

        assertThat(shop.jdbc().queryForObject("SELECT status FROM orders WHERE id = ?", String.class, id))
                .isEqualTo("changed again");
    }

    @Test
    void cascadeAndOrphanRemoval() {
        inOrder(order -> {
            order.lines.remove(0);
            order.lines.add(new Line(order, 7));
        });
        inOrder(order -> shop.entities().remove(order));

        assertThat(shop.jdbc().queryForObject("SELECT count(*) FROM line WHERE order_id = ?", Long.class, id))
                .isZero();
    }

    @Test
    void collectionsOfEveryKind() {
        inOrder(order -> {
            order.tags.remove("a");
            order.tags.add("c");
            order.stops.remove(0);
            order.stops.add(new Address("Lima"));
            order.notes.put("k", "w");
            order.notes.put("l", "x");
            order.labels.clear();
            order.ranked.add(0, new Label("first of " + id));
        });
        inOrder(order -> {
            order.tags.clear();
            order.stops = List.of(new Address("Oslo"));
            order.notes.clear();
            order.ranked.clear();
        });

        assertThat(shop.jdbc().queryForObject("SELECT count(*) FROM order_tags WHERE order_id = ?", Long.class, id))
                .isZero();
    }

    @Test
    void forcedVersionIncrements() {
        inOrder(order -> shop.entities().lock(order, LockModeType.PESSIMISTIC_FORCE_INCREMENT));
        inOrder(order -> shop.entities().lock(order, LockModeType.OPTIMISTIC_FORCE_INCREMENT));
        inOrder(order -> shop.entities().lock(order, LockModeType.PESSIMISTIC_WRITE));

        assertThat(shop.jdbc().queryForObject("SELECT version FROM orders WHERE id = ?", Integer.class, id))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void softDelete() {
        shop.inTransaction(() -> {
            Article article = new Article("a" + id);
            article.words.add("w");
            shop.entities().persist(article);
        });
        shop.inTransaction(() -> {
            Article article = shop.entities().find(Article.class, "a" + id);
            article.words.clear();
            article.words.add("x");
        });
        shop.inTransaction(() -> shop.entities().remove(shop.entities().find(Article.class, "a" + id)));

        assertThat(shop.jdbc().queryForObject("SELECT count(*) FROM article", Long.class))
                .isPositive();
    }

    @Test
    void secondaryTableWhoseRowComesAndGoes() {
        shop.inTransaction(() -> shop.entities().persist(new Customer("c" + id)));
        for (String note : new String[] {"first", "second", null}) {
            shop.inTransaction(() -> shop.entities().find(Customer.class, "c" + id).note = note);
        }
        shop.inTransaction(() -> shop.entities().remove(shop.entities().find(Customer.class, "c" + id)));
    }

    @Test
    void quotedTableInASchema() {
        shop.inTransaction(() -> shop.entities().persist(new Parcel("q" + id)));
        shop.inTransaction(() -> shop.entities().find(Parcel.class, "q" + id).weight = 4);
        shop.inTransaction(() -> shop.entities().remove(shop.entities().find(Parcel.class, "q" + id)));
    }

    @Test
    void joinedInheritance() {
        shop.inTransaction(() -> shop.entities().persist(new CardPayment("p" + id)));
        shop.inTransaction(() -> {
            CardPayment payment = shop.entities().find(CardPayment.class, "p" + id);
            payment.amount = 3;
            payment.card = "x";
        });
        shop.inTransaction(() -> shop.entities().merge(new CardPayment("p" + id)));
        shop.inTransaction(() -> shop.entities().remove(shop.entities().find(CardPayment.class, "p" + id)));
    }

    @Test
    void batches() {
        shop.inTransaction(() -> {
            for (int i = 0; i < 50; i++) {
                shop.entities().persist(new Label("batch " + id + " " + i));
                shop.entities().persist(new Order("batch"));
            }
        });
        shop.inTransaction(() -> shop.entities()
                .createQuery("select l from Label l where l.id like :p", Label.class)
                .setParameter("p", "batch " + id + "%")
                .getResultList()
                .forEach(label -> label.text = "changed"));
    }

    @Test
    void statelessSession() {
        shop.inTransaction(() -> stateless(session -> {
            Order order = new Order("stateless");
            session.insert(order);
            order.status = "changed";
            session.update(order);
            session.insertMultiple(List.of(new Label("s1 " + id), new Label("s2 " + id)));
            session.upsert(new Label("s1 " + id));
            session.upsert(new Customer("s3 " + id));
            session.upsert(new CardPayment("s4 " + id));
            session.delete(session.get(Label.class, "s2 " + id));
            session.delete(order);
        }));
    }

    @Test
    void flushThatAQueryCauses() {
        inOrder(order -> {
            order.status = "flushed by a query";
            order.tags.add("flushed");
            Long flushed = shop.entities()
                    .createQuery("select count(o) from Order o where o.status = 'flushed by a query'", Long.class)
                    .getSingleResult();
            assertThat(flushed).isPositive();
        });
    }

    @Test
    void flushThatABulkStatementCauses() {
        inOrder(order -> {
            order.status = "flushed by a bulk statement";
            shop.bypass()
                    .run(
                            "only the flush counts here",
                            () -> shop.entities()
                                    .createQuery("delete from Label l where l.id = 'none'")
                                    .executeUpdate());
            order.tags.add("later");
        });
    }

    private void inOrder(Consumer<Order> work) {
        shop.inTransaction(() -> work.accept(shop.entities().find(Order.class, id)));
    }

    private static void stateless(Consumer<StatelessSession> work) {
        Session session = shop.entities().unwrap(Session.class);
        SessionFactory factory = session.getSessionFactory();
        session.doWork(connection -> {
            try (StatelessSession stateless = factory.openStatelessSession(connection)) {
                work.accept(stateless);
            }
        });
    }
}
