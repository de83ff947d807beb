package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.annotations.SQLRestriction;
import org.hibernate.annotations.SoftDelete;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A row that Hibernate does not find is not gone: only what is gone may be deleted at the secondary. */
class HiddenRowIT {

    private static final TestDatabase DATABASE = TestDatabases.create();
    private static final JdbcTemplate SQL = new JdbcTemplate(DATABASE.dataSource());
    private static final WatchedDataSource WATCHED = new WatchedDataSource(DATABASE.dataSource());
    private static final SessionFactoryImplementor FACTORY = factory();

    private final JpaStateLoader loader = loader();

    @BeforeEach
    void fill() {
        SQL.execute("ALTER TABLE vehicle DROP CONSTRAINT IF EXISTS vehicle_dtype_check");
        SQL.execute("TRUNCATE shop, sale, spot, vehicle, boat, ship, ticket, account CASCADE");
        SQL.execute("INSERT INTO shop (id, open) VALUES (1, true), (2, false)");
        SQL.execute("INSERT INTO sale (id, shop_id) VALUES (1, 1), (2, 2), (3, 2)");
        SQL.execute("INSERT INTO spot (x, y, shop_id) VALUES (1, 1, 1), (1, 2, 2)");
        SQL.execute("INSERT INTO vehicle (id, dtype) VALUES (1, 'truck'), (2, 'car'), (3, 'trailer')");
        SQL.execute("INSERT INTO boat (id, shop_id) VALUES (1, 1), (2, 2); INSERT INTO ship (id) VALUES (1)");
        WATCHED.reset();
    }

    @AfterAll
    static void close() {
        FACTORY.close();
    }

    @Test
    void rowBehindAnAssociationThatLeadsNowhereIsAnErrorAndNotGone() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> load("sale", 1, 2, 3, 4))
                .withMessageContainingAll("'sale:", "and 1 more", "the row is there", "EAGER", "Next: ");
        assertThat(load("sale", 1, 4)).containsOnlyKeys(Aggregate.of("sale", 1));
    }

    @Test
    void rowWithACompositeIdentifierIsAnErrorAndNotGone() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> loader.load(List.of(Aggregate.of("spot", 1, 2))))
                .withMessageContainingAll("'spot:", "the row is there");
        assertThat(loader.load(List.of(Aggregate.of("spot", 2, 1)))).isEmpty();
    }

    @Test
    void whatIsGoneCostsOneQueryMore() throws Exception {
        assertThat(load("sale", 4, 5, 6)).isEmpty();

        // The snapshot, the roots, and once more the roots.
        assertThat(WATCHED.executed()).isEqualTo(3);
    }

    @Test
    void discriminatorOfANewerReleaseIsAnErrorAndNotGone() throws Exception {
        assertThatThrownBy(() -> load("truck", 3)).hasMessageContaining("trailer");
    }

    @Test
    void identifierThatAnotherAggregateTypeHasTakenOverIsGone() throws Exception {
        assertThat(load("truck", 1, 2)).containsOnlyKeys(Aggregate.of("truck", 1));
    }

    @Test
    void rowInATableOfItsOwnIsAnErrorAndNotGone() throws Exception {
        assertThatIllegalStateException().isThrownBy(() -> load("boat", 2)).withMessageContaining("'boat:2'");
        assertThat(load("boat", 1, 3)).containsOnlyKeys(Aggregate.of("boat", 1));
    }

    @Test
    void rowThatIsMarkedAsDeletedIsGone() throws Exception {
        SQL.execute("INSERT INTO account (id, deleted) VALUES (1, true), (2, false)");

        assertThat(load("account", 1, 2)).containsOnlyKeys(Aggregate.of("account", 2));
    }

    @Test
    void rowThatTheRestrictionOfItsOwnEntityHidesIsGone() throws Exception {
        SQL.execute("INSERT INTO ticket (id, removed) VALUES (1, true), (2, false)");

        assertThat(load("ticket", 1, 2)).containsOnlyKeys(Aggregate.of("ticket", 2));
    }

    private Map<Aggregate, ?> load(String type, int... ids) throws Exception {
        return loader.load(
                Arrays.stream(ids).mapToObj(id -> Aggregate.of(type, id)).toList());
    }

    private static JpaStateLoader loader() {
        CapturedModel model = new CapturedModelBuilder(FACTORY, new CaptureProperties(Map.of()), Sinks.KNOWN).build();
        StateWays ways = StateWays.of(Map.of(FACTORY, model), Set.of(), Duration.ofSeconds(10));
        return new JpaStateLoader(() -> ways, new JsonMapper()::writeValueAsBytes);
    }

    private static SessionFactoryImplementor factory() {
        var configuration = new Configuration();
        List.of(
                        Store.class,
                        Sale.class,
                        Spot.class,
                        Vehicle.class,
                        Truck.class,
                        Car.class,
                        Ship.class,
                        Boat.class,
                        Ticket.class,
                        Account.class)
                .forEach(configuration::addAnnotatedClass);
        configuration.getProperties().put("hibernate.connection.datasource", WATCHED);
        configuration.setProperty("hibernate.hbm2ddl.auto", "create");
        return configuration.buildSessionFactory().unwrap(SessionFactoryImplementor.class);
    }

    @Entity(name = "Store")
    @Table(name = "shop")
    @SQLRestriction("open")
    static class Store {

        @Id
        Integer id;

        boolean open;
    }

    @Entity(name = "Sale")
    @Table(name = "sale")
    @Captured
    static class Sale {

        @Id
        Integer id;

        @ManyToOne(optional = false)
        Store shop;
    }

    @Entity(name = "Spot")
    @Table(name = "spot")
    @Captured
    static class Spot {

        /** Where it is. */
        @Embeddable
        record Place(Integer x, Integer y) {}

        @EmbeddedId
        Place place;

        @ManyToOne(optional = false)
        Store shop;
    }

    @Entity(name = "Vehicle")
    @Table(name = "vehicle")
    @Inheritance(strategy = InheritanceType.SINGLE_TABLE)
    @DiscriminatorValue("vehicle")
    static class Vehicle {

        @Id
        Integer id;
    }

    @Entity(name = "Truck")
    @DiscriminatorValue("truck")
    @Captured
    static class Truck extends Vehicle {}

    @Entity(name = "Car")
    @DiscriminatorValue("car")
    @Captured
    static class Car extends Vehicle {}

    @Entity(name = "Ship")
    @Table(name = "ship")
    @Inheritance(strategy = InheritanceType.TABLE_PER_CLASS)
    static class Ship {

        @Id
        Integer id;
    }

    @Entity(name = "Boat")
    @Table(name = "boat")
    @Captured
    static class Boat extends Ship {

        @ManyToOne(optional = false)
        Store shop;
    }

    @Entity(name = "Ticket")
    @Table(name = "ticket")
    @SQLRestriction("not removed")
    @Captured
    static class Ticket {

        @Id
        Integer id;

        boolean removed;
    }

    @Entity(name = "Account")
    @Table(name = "account")
    @SoftDelete
    @Captured
    static class Account {

        @Id
        Integer id;
    }
}
