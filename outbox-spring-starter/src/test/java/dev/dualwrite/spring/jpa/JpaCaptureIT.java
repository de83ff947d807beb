package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.spring.jpa.Shop.Address;
import dev.dualwrite.spring.jpa.Shop.Basket;
import dev.dualwrite.spring.jpa.Shop.Bike;
import dev.dualwrite.spring.jpa.Shop.Car;
import dev.dualwrite.spring.jpa.Shop.Cash;
import dev.dualwrite.spring.jpa.Shop.Counter;
import dev.dualwrite.spring.jpa.Shop.Customer;
import dev.dualwrite.spring.jpa.Shop.Dog;
import dev.dualwrite.spring.jpa.Shop.Enrolment;
import dev.dualwrite.spring.jpa.Shop.EnrolmentId;
import dev.dualwrite.spring.jpa.Shop.Item;
import dev.dualwrite.spring.jpa.Shop.Line;
import dev.dualwrite.spring.jpa.Shop.Note;
import dev.dualwrite.spring.jpa.Shop.Paper;
import dev.dualwrite.spring.jpa.Shop.Passport;
import dev.dualwrite.spring.jpa.Shop.Plain;
import dev.dualwrite.spring.jpa.Shop.Purchase;
import dev.dualwrite.spring.jpa.Shop.Seat;
import dev.dualwrite.spring.jpa.Shop.SeatId;
import dev.dualwrite.spring.jpa.Shop.Tag;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Which change of an entity leaves which entry. */
class JpaCaptureIT {

    private static CaptureService service;

    @BeforeAll
    static void start() {
        service = CaptureService.start(Shop.ENTITIES);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void emptyShop() {
        service.change(session -> {
            List.of("Note", "Line", "Purchase", "Enrolment", "Passport", "Customer", "Tag", "Item", "Plain", "Basket")
                    .forEach(entity -> session.createQuery("select e from " + entity + " e", Object.class)
                            .getResultList()
                            .forEach(session::remove));
        });
    }

    private static List<String> captured(Consumer<EntityManager> work) {
        return service.captured(work);
    }

    private static void given(Consumer<EntityManager> work) {
        service.change(work);
    }

    @Test
    void insertUpdateAndDeletionEachLeaveAReference() {
        assertThat(captured(s -> s.persist(new Customer(1)))).containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).name = "changed")).containsExactly("R customer:1");
        assertThat(captured(s -> s.remove(s.find(Customer.class, 1L)))).containsExactly("R customer:1");
    }

    @Test
    void whatDoesNotChangeLeavesNothing() {
        given(s -> s.persist(new Customer(1)));

        assertThat(captured(s -> assertThat(s.find(Customer.class, 1L).phones).isEmpty()))
                .isEmpty();
        assertThat(captured(s -> s.persist(new Plain(System.nanoTime())))).isEmpty();
    }

    @Test
    void aggregateIsCapturedOnceATransactionForEachOfItsSinks() {
        assertThat(captured(s -> {
                    var purchase = new Purchase(1);
                    s.persist(purchase);
                    s.flush();
                    purchase.state = "paid";
                    s.flush();
                    s.persist(purchase.add(11));
                    purchase.add(12).options.add("blue");
                }))
                .containsExactlyInAnyOrder("R order:1", "R order:1 to archive");
    }

    @Test
    void rolledBackChangeLeavesNothing() {
        service.forget();

        service.transaction().executeWithoutResult(status -> {
            service.change(s -> s.persist(new Customer(1)));
            status.setRollbackOnly();
        });

        assertThat(service.entries()).isEmpty();
    }

    @Test
    void embeddableAndSecondaryTableBelongToTheirEntity() {
        given(s -> s.persist(new Customer(1)));

        assertThat(captured(s -> s.find(Customer.class, 1L).address.street = "second"))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).remark = "more")).containsExactly("R customer:1");
    }

    @Test
    void collectionBelongsToItsOwner() {
        given(s -> {
            s.persist(new Customer(1));
            s.persist(new Tag(5));
        });

        assertThat(captured(s -> s.find(Customer.class, 1L).phones.add("1"))).containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).phones.remove("1"))).containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).others.add(new Address("a"))))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).others.get(0).street = "b"))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).others = List.of(new Address("c"))))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).others = null)).containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).tags.add(s.find(Tag.class, 5L))))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Customer.class, 1L).tags.clear())).containsExactly("R customer:1");
    }

    @Test
    void sideOfAnAssociationThatWritesNothingCapturesNothing() {
        given(s -> {
            s.persist(new Basket(1));
            s.persist(new Plain(5));
        });

        assertThat(captured(s -> {
                    Plain plain = s.find(Plain.class, 5L);
                    plain.basket = s.find(Basket.class, 1L);
                    plain.basket.visits.add(plain);
                }))
                .isEmpty();
    }

    @Test
    void collectionThatWritesTheKeyOfItsElementsBelongsToItsOwner() {
        given(s -> s.persist(new Basket(1)));

        assertThat(captured(s -> s.find(Basket.class, 1L).items.add(new Item(7))))
                .containsExactly("R basket:1");
        assertThat(captured(s -> s.find(Basket.class, 1L).items.clear())).containsExactly("R basket:1");
    }

    @Test
    void changeOfAPartCapturesItsRootWithoutLoadingIt() {
        given(s -> {
            var purchase = new Purchase(1);
            s.persist(purchase);
            s.persist(purchase.add(11));
        });

        assertThat(captured(s -> s.find(Line.class, 11L).amount = 3))
                .containsExactlyInAnyOrder("R order:1", "R order:1 to archive");
        assertThat(statements(s -> s.find(Line.class, 11L).amount = 4)).isEqualTo(3);
        assertThat(captured(s -> s.find(Line.class, 11L).options.add("red"))).hasSize(2);
        assertThat(captured(s -> s.remove(s.find(Line.class, 11L)))).hasSize(2);
    }

    private static int statements(Consumer<EntityManager> work) {
        int before = service.executed();
        service.change(work);
        return service.executed() - before;
    }

    @Test
    void orphanAndCascadeAreDeletionsOfParts() {
        given(s -> {
            var purchase = new Purchase(1);
            purchase.add(11);
            purchase.add(12);
            s.persist(purchase);
        });

        assertThat(captured(s -> s.find(Purchase.class, 1L).lines.remove(0))).contains("R order:1");
        assertThat(captured(s -> s.remove(s.find(Purchase.class, 1L)))).contains("R order:1");
    }

    @Test
    void deletionThroughAReferenceIsSeen() {
        given(s -> {
            s.persist(new Customer(1));
            s.persist(new Purchase(1).add(11).purchase);
        });

        assertThat(captured(s -> s.remove(s.getReference(Line.class, 11L)))).contains("R order:1");
        assertThat(captured(s -> s.remove(s.getReference(Customer.class, 1L)))).containsExactly("R customer:1");
    }

    @Test
    void partThatMovesCapturesBothRoots() {
        given(s -> {
            s.persist(new Purchase(1).add(11).purchase);
            s.persist(new Purchase(2));
        });

        assertThat(captured(s -> s.find(Line.class, 11L).purchase = s.getReference(Purchase.class, 2L)))
                .containsExactlyInAnyOrder("R order:1", "R order:1 to archive", "R order:2", "R order:2 to archive");
        assertThat(captured(s -> s.find(Line.class, 11L).purchase = null)).contains("R order:2");
        assertThat(captured(s -> s.find(Line.class, 11L).amount = 9)).isEmpty();
    }

    @Test
    void partOfAMergedObjectMovesToo() {
        given(s -> {
            s.persist(new Purchase(1).add(11).purchase);
            s.persist(new Purchase(2));
        });

        assertThat(captured(s -> s.merge(new Line(11, s.getReference(Purchase.class, 2L)))))
                .contains("R order:1", "R order:2");
    }

    @Test
    void longWayIsAskedOnceAtTheEndForAllParts() {
        given(s -> {
            for (long i = 1; i <= 20; i++) {
                Line line = new Purchase(i).add(100 + i);
                s.persist(line.purchase);
                s.persist(new Note(1000 + i, line));
            }
        });

        service.forget();
        int statements = statements(s -> s.createQuery("select n from Note n", Note.class)
                .getResultList()
                .forEach(note -> note.text = "changed"));

        assertThat(service.entries()).hasSize(40).contains("R order:1", "R order:20 to archive");
        // The service's select and its batch; one question, one insert.
        assertThat(statements).isEqualTo(4);
    }

    @Test
    void longWayThatIsLoadedIsNotAskedFor() {
        given(s -> {
            Line line = new Purchase(1).add(11);
            s.persist(line.purchase);
            s.persist(new Note(111, line));
        });

        assertThat(statements(s -> {
                    Note note = s.find(Note.class, 111L);
                    note.text = String.valueOf(note.line.amount);
                }))
                .isEqualTo(4);
        assertThat(captured(s -> s.remove(s.find(Note.class, 111L)))).contains("R order:1");
    }

    @Test
    void everyInheritanceIsOneAggregateTypeUnlessItSaysOtherwise() {
        assertThat(captured(s -> {
                    var car = new Car();
                    car.id = 1L;
                    var bike = new Bike();
                    bike.id = 2L;
                    var dog = new Dog();
                    dog.id = 3L;
                    var cash = new Cash();
                    cash.id = 4L;
                    List.of(car, bike, dog, cash).forEach(s::persist);
                }))
                .containsExactlyInAnyOrder("R vehicle:1", "R bike:2", "R animal:3", "R payment:4");
        assertThat(captured(s -> s.find(Dog.class, 3L).trick = "roll")).containsExactly("R animal:3");
        assertThat(captured(s -> s.find(Cash.class, 4L).cents = 5)).containsExactly("R payment:4");
        assertThat(captured(s -> {
                    s.remove(s.find(Car.class, 1L));
                    s.remove(s.find(Bike.class, 2L));
                    s.remove(s.find(Dog.class, 3L));
                    s.remove(s.find(Cash.class, 4L));
                }))
                .hasSize(4);
    }

    @Test
    void compositeIdIsOneAggregate() {
        var id = new SeatId("a|b", 7);

        assertThat(captured(s -> s.persist(new Seat(id)))).containsExactly("R seat:a\\|b|7");
        assertThat(captured(s -> s.find(Seat.class, id).taken = true)).containsExactly("R seat:a\\|b|7");
        assertThat(captured(s -> s.remove(s.find(Seat.class, id)))).containsExactly("R seat:a\\|b|7");
    }

    @Test
    void partMayBeCapturedItselfAndHaveItsRootInItsIdentifier() {
        given(s -> s.persist(new Customer(1)));

        assertThat(captured(s -> s.persist(new Enrolment(s.getReference(Customer.class, 1L), "x"))))
                .containsExactlyInAnyOrder("R enrolment:x|1", "R customer:1");
        assertThat(captured(s -> s.find(Enrolment.class, new EnrolmentId(1L, "x")).grade = 1))
                .containsExactlyInAnyOrder("R enrolment:x|1", "R customer:1");
        assertThat(captured(s -> s.remove(s.find(Enrolment.class, new EnrolmentId(1L, "x")))))
                .containsExactlyInAnyOrder("R enrolment:x|1", "R customer:1");
    }

    @Test
    void partWithTheIdentifierOfItsRootCapturesIt() {
        given(s -> s.persist(new Customer(1)));

        assertThat(captured(s -> s.persist(new Passport(s.find(Customer.class, 1L)))))
                .containsExactly("R customer:1");
        assertThat(captured(s -> s.find(Passport.class, 1L).number = "n")).containsExactly("R customer:1");
    }

    @Test
    void softDeletionIsAChange() {
        given(s -> s.persist(new Paper(1)));

        assertThat(captured(s -> s.remove(s.find(Paper.class, 1L)))).containsExactly("R paper:1");
    }

    @Test
    void numberThatTheDatabaseGivesIsTheAggregatesId() {
        assertThat(captured(s -> s.persist(new Counter())))
                .singleElement()
                .asString()
                .startsWith("R counter:");
    }

    @Test
    void versionThatIsOnlyRaisedIsCaptured() {
        given(s -> s.persist(new Purchase(1)));

        assertThat(captured(s -> s.find(Purchase.class, 1L, LockModeType.OPTIMISTIC_FORCE_INCREMENT)))
                .hasSize(2);
        assertThat(captured(s -> s.find(Purchase.class, 1L, LockModeType.PESSIMISTIC_FORCE_INCREMENT)))
                .hasSize(2);
        assertThat(captured(s -> s.lock(s.find(Purchase.class, 1L), LockModeType.OPTIMISTIC_FORCE_INCREMENT)))
                .hasSize(2);
        assertThat(captured(s -> s.lock(s.find(Purchase.class, 1L), LockModeType.PESSIMISTIC_FORCE_INCREMENT)))
                .hasSize(2);
        assertThat(captured(s -> s.find(Purchase.class, 1L, LockModeType.PESSIMISTIC_WRITE)))
                .isEmpty();
        assertThat(service.outside().queryForObject("SELECT version FROM purchase WHERE id = 1", Long.class))
                .isEqualTo(4);
    }

    @Test
    void retryAfterALostRaceCapturesAgain() {
        given(s -> s.persist(new Purchase(1)));
        service.forget();

        assertThatThrownBy(() -> service.change(s -> {
                    s.find(Purchase.class, 1L).state = "mine";
                    service.outside().update("UPDATE purchase SET version = version + 1 WHERE id = 1");
                }))
                .isInstanceOf(OptimisticLockingFailureException.class);
        assertThat(service.entries()).isEmpty();

        assertThat(captured(s -> s.find(Purchase.class, 1L).state = "mine")).hasSize(2);
    }

    @Test
    void changeOfALateCallbackIsCaptured() {
        given(s -> s.persist(new Customer(1)));

        assertThat(captured(s ->
                        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                            @Override
                            public void beforeCommit(boolean readOnly) {
                                s.find(Customer.class, 1L).name = "late";
                            }
                        })))
                .containsExactly("R customer:1");
    }

    @Test
    void manyAggregatesCostOneStatementMore() {
        given(s -> service.outside().update("DELETE FROM plain"));
        service.outside().update("DELETE FROM counter");
        int uncaptured = statements(s -> {
            for (long i = 1; i <= 10_000; i++) {
                s.persist(new Plain(i));
            }
        });
        service.forget();

        int captured = statements(s -> {
            for (long i = 1; i <= 10_000; i++) {
                s.persist(new Seat(new SeatId("many", (int) i)));
            }
        });

        assertThat(captured).isEqualTo(uncaptured + 1);
        assertThat(service.entries()).hasSize(10_000);
        service.outside().update("DELETE FROM seat");
        service.outside().update("DELETE FROM plain");
    }

    @Test
    void statelessSessionOfTheTransactionIsCaptured() {
        given(s -> {
            s.persist(new Purchase(1).add(11).purchase);
            s.persist(new Purchase(2));
        });

        assertThat(captured(s -> stateless(s, t -> t.insert(new Customer(1))))).containsExactly("R customer:1");
        assertThat(captured(s -> stateless(s, t -> {
                    var customer = new Customer(1);
                    customer.phones.add("5");
                    t.update(customer);
                })))
                .containsExactly("R customer:1");
        assertThat(captured(s -> stateless(s, t -> t.upsert(new Customer(2))))).containsExactly("R customer:2");
        assertThat(captured(s -> stateless(s, t -> t.delete(new Customer(2))))).containsExactly("R customer:2");
        assertThat(captured(s -> stateless(s, t -> t.update(new Line(11, s.getReference(Purchase.class, 2L))))))
                .contains("R order:1", "R order:2");
        assertThat(captured(s -> stateless(s, t -> t.delete(new Line(11, null)))))
                .contains("R order:2");
    }

    private static void stateless(EntityManager entities, Consumer<StatelessSession> work) {
        try (StatelessSession session = entities.unwrap(Session.class)
                .statelessWithOptions()
                .connection()
                .open()) {
            work.accept(session);
        }
    }

    @Test
    void changeOutsideOfATransactionIsRefusedBeforeItIsMade() {
        given(s -> s.persist(new Customer(1)));
        try (StatelessSession session = service.sessions().openStatelessSession()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> session.insert(new Customer(5)))
                    .withMessageContaining("needs an active transaction");
            assertThatIllegalStateException().isThrownBy(() -> session.delete(new Customer(1)));
            assertThatIllegalStateException().isThrownBy(() -> session.update(new Customer(1)));
            assertThatIllegalStateException().isThrownBy(() -> session.upsert(new Customer(1)));
        }

        assertThat(service.outside().queryForList("SELECT id FROM customer", Long.class))
                .containsExactly(1L);
    }

    @Test
    void sessionOnAConnectionOfItsOwnIsRefusedInsideOfATransaction() {
        assertThatThrownBy(() -> service.change(s -> {
                    try (Session own = service.sessions().openSession()) {
                        own.beginTransaction();
                        own.persist(new Customer(5));
                        own.getTransaction().commit();
                    }
                }))
                .hasMessageContaining("not the one of the current transaction");

        assertThat(service.outside().queryForList("SELECT id FROM customer", Long.class))
                .isEmpty();
    }

    @Test
    void transactionThatTheServiceDrivesItselfIsRefusedAndRolledBack() {
        try (Session own = service.sessions().openSession()) {
            own.beginTransaction();
            own.persist(new Customer(5));
            assertThatThrownBy(own.getTransaction()::commit).hasMessageContaining("needs an active transaction");
        }

        assertThat(service.outside().queryForList("SELECT id FROM customer", Long.class))
                .isEmpty();
    }

    @Test
    void readOnlyTransactionWithAChangeIsRefused() {
        var template = service.transaction();
        template.setReadOnly(true);

        assertThatThrownBy(() -> template.executeWithoutResult(status -> service.change(s -> {
                    s.persist(new Customer(5));
                    s.flush();
                })))
                .hasMessageContaining("read-only");
    }

    @Test
    void rowsOfAnAuditThatIsWrittenAtTheEndAreNotCaptured() {
        given(s -> s.persist(new Customer(1)));
        service.outside().update("DELETE FROM plain");

        // As Envers does: it collects in listeners, and writes before the completion.
        assertThat(captured(s -> {
                    s.find(Customer.class, 1L).name = "audited";
                    s.unwrap(org.hibernate.engine.spi.SessionImplementor.class)
                            .getTransactionCompletionCallbacks()
                            .registerCallback(
                                    (org.hibernate.engine.spi.TransactionCompletionCallbacks.BeforeCompletionCallback)
                                            session -> {
                                                ((Session) session).persist(new Plain(1));
                                                ((Session) session).flush();
                                            });
                }))
                .containsExactly("R customer:1");
        assertThat(service.outside().queryForList("SELECT id FROM plain", Long.class))
                .containsExactly(1L);
    }

    @Test
    void tablesOfCapturedEntitiesAreKnownAtThePrimary() {
        assertThat(service.outside()
                        .queryForList(
                                "SELECT source::text || ' ' || regexp_replace(entity, '.*\\$', '') FROM dualwrite.captured_entity",
                                String.class))
                .contains(
                        "customer Customer",
                        "customer_more Customer",
                        "customer_phone Customer",
                        "line Line",
                        "dog Dog")
                .doesNotContain("plain Plain");
    }
}
