package dev.dualwrite.spring.jpa;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.StateLoader.State;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.JoinTable;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.hibernate.annotations.Filter;
import org.hibernate.annotations.FilterDef;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.TenantId;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** What the loader reads, by how many statements, and what it must not take for a deletion. */
class JpaStateLoaderIT {

    private static final TestDatabase DATABASE = TestDatabases.create();
    private static final JdbcTemplate SQL = new JdbcTemplate(DATABASE.dataSource());
    private static final WatchedDataSource WATCHED = new WatchedDataSource(DATABASE.dataSource());
    private static final SessionFactoryImplementor FACTORY = factory(WATCHED, "create");

    /** A statement for the snapshot, one for the roots, and one each for lines, notes, tags and friends. */
    private static final int STATEMENTS = 6;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final JpaStateLoader loader = loader(FACTORY);

    @BeforeEach
    void fill() {
        SQL.execute("TRUNCATE basket, basket_line, line_note, basket_tags, basket_friends, cell CASCADE");
        SQL.execute("INSERT INTO basket (id, name) SELECT i, 'basket ' || i FROM generate_series(1, 450) i");
        SQL.execute("INSERT INTO basket_line (id, basket_id) SELECT i, (i + 2) / 3 FROM generate_series(1, 1350) i");
        SQL.execute("INSERT INTO line_note (id, line_id, text) SELECT i, i, 'note' FROM generate_series(1, 150) i");
        SQL.execute("INSERT INTO basket_tags (basket_id, tags) SELECT i, 'tag' FROM generate_series(1, 450) i");
        SQL.execute(
                "INSERT INTO basket_friends (basket_id, friends_id) SELECT i, 451 - i FROM generate_series(1, 450) i");
        SQL.execute("INSERT INTO cell (x, y, text) SELECT i, -i, 'cell' FROM generate_series(1, 100) i");
        WATCHED.reset();
    }

    @AfterAll
    static void close() {
        FACTORY.close();
    }

    @Test
    void stateHasItsPartsItsCollectionsAndTheIdsOfOthers() throws Exception {
        assertThat(json(loader.load(baskets(1, 1)), "basket", 1))
                .isEqualTo("{\"id\":1,\"friends\":[450],\"lines\":["
                        + "{\"id\":1,\"notes\":[{\"id\":1,\"text\":\"note\"}]},"
                        + "{\"id\":2,\"notes\":[{\"id\":2,\"text\":\"note\"}]},"
                        + "{\"id\":3,\"notes\":[{\"id\":3,\"text\":\"note\"}]}],"
                        + "\"name\":\"basket 1\",\"tags\":[\"tag\"]}");
    }

    @Test
    void batchIsOneQueryForTheRootsAndOneForEachCollection() throws Exception {
        assertThat(loader.load(baskets(1, 50))).hasSize(50);

        assertThat(WATCHED.executed()).isEqualTo(STATEMENTS);
    }

    @Test
    void batchOfCompositeIdentifiersIsOneQuery() throws Exception {
        List<Aggregate> cells = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> Aggregate.of("cell", i, -i))
                .toList();

        assertThat(loader.load(cells)).hasSize(100);

        assertThat(WATCHED.executed()).isEqualTo(2);
    }

    @Test
    void largeBatchIsReadInSlices() throws Exception {
        assertThat(loader.load(baskets(1, 450))).hasSize(450);

        // Of the roots there are three slices; the lines of a slice have their notes read for 200 of them at once.
        assertThat(WATCHED.executed()).isBetween(3 * STATEMENTS, 3 * STATEMENTS + 6);
    }

    @Test
    void whatIsGoneIsLeftOut() throws Exception {
        SQL.execute(
                "DELETE FROM basket_friends; DELETE FROM basket_tags; DELETE FROM line_note; DELETE FROM basket_line");
        SQL.execute("DELETE FROM basket WHERE id = 2");

        assertThat(loader.load(baskets(1, 3))).containsOnlyKeys(basket(1), basket(3));
    }

    @Test
    void stateIsNeverTornBetweenARootAndItsParts() throws Exception {
        WATCHED.before(3, () -> SQL.execute("UPDATE basket SET name = 'late'; UPDATE line_note SET text = 'late'"));

        assertThat(json(loader.load(baskets(1, 1)), "basket", 1)).doesNotContain("late");
    }

    @Test
    void filterThatEnablesItselfHidesNothing() throws Exception {
        SQL.execute("UPDATE basket SET name = 'hidden' WHERE id = 1");

        assertThat(loader.load(baskets(1, 1))).containsOnlyKeys(basket(1));
    }

    @Test
    void rowsThatAPolicyHidesAreAnErrorAndNotGone() {
        SQL.execute("CREATE ROLE narrow LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO narrow");
        SQL.execute("ALTER TABLE basket ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON basket USING (id < 1)");
        var narrow = new PGSimpleDataSource();
        narrow.setUrl(DATABASE.url());
        narrow.setUser("narrow");

        try (SessionFactoryImplementor factory = factory(narrow, "none")) {
            assertThatThrownBy(() -> loader(factory).load(baskets(1, 1)))
                    .rootCause()
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        } finally {
            SQL.execute("DROP POLICY few ON basket; ALTER TABLE basket DISABLE ROW LEVEL SECURITY");
        }
    }

    @Test
    void readThatWaitsForTooLongIsAFailureOfTheStore() throws Exception {
        JpaStateLoader impatient = loader(FACTORY, Duration.ofMillis(200));
        try (var other = DATABASE.dataSource().getConnection();
                var lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("LOCK TABLE basket IN ACCESS EXCLUSIVE MODE");

            assertThatThrownBy(() -> impatient.load(baskets(1, 1)))
                    .rootCause()
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            other.rollback();
        }
    }

    @Test
    void interruptEndsTheLoadBeforeItsNextSlice() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> loader.load(baskets(1, 1))).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void replicaIsRefused() {
        SQL.execute("CREATE SCHEMA IF NOT EXISTS fake");
        SQL.execute(
                "CREATE OR REPLACE FUNCTION fake.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'");
        var replica = new PGSimpleDataSource();
        replica.setUrl(DATABASE.url());
        replica.setUser(DATABASE.user());
        replica.setCurrentSchema("fake,pg_catalog,public");

        try (SessionFactoryImplementor factory = factory(replica, "none")) {
            assertThatThrownBy(() -> loader(factory).load(baskets(1, 1)))
                    .rootCause()
                    .hasMessageContaining("leads to a replica")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        }
    }

    @Test
    void typesThatTheServiceLoadsItselfAreLeftToIt() {
        assertThat(StateWays.of(Map.of(FACTORY, model(FACTORY)), Set.of("cell"), TIMEOUT)
                        .aggregateTypes())
                .containsExactly("basket");
    }

    @Test
    void sessionFactoryOfSeveralTenantsIsRefused() {
        var configuration = new Configuration().addAnnotatedClass(Tenanted.class);
        configuration.setProperty("hibernate.boot.allow_jdbc_metadata_access", "false");
        configuration.setProperty("hibernate.dialect", "org.hibernate.dialect.PostgreSQLDialect");
        try (var factory = configuration.buildSessionFactory().unwrap(SessionFactoryImplementor.class)) {
            Map<SessionFactoryImplementor, CapturedModel> captured = Map.of(factory, model(factory));

            assertThatThrownBy(() -> StateWays.of(captured, Set.of(), TIMEOUT))
                    .isInstanceOf(OutboxConfigurationException.class)
                    .hasMessageContainingAll("[tenanted]", "serves several tenants", "Next: ");
            assertThat(StateWays.of(captured, Set.of("tenanted"), TIMEOUT).aggregateTypes())
                    .isEmpty();
        }
    }

    @Test
    void aggregateTypeOfNoEntityIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.load(List.of(new Aggregate("other", "1"))))
                .withMessageContaining(
                        "aggregate type is 'other', expected one of the captured entities: [basket, cell]");
    }

    @Test
    void statesCarryTheVersionOfTheirEntity() throws Exception {
        assertThat(loader.newestVersion("cell")).isEqualTo(2);
        assertThat(loader.load(List.of(Aggregate.of("cell", 1, -1))).values())
                .extracting(State::schemaVersion)
                .containsExactly(2);
    }

    private static List<Aggregate> baskets(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(JpaStateLoaderIT::basket)
                .toList();
    }

    private static Aggregate basket(int id) {
        return Aggregate.of("basket", id);
    }

    private static String json(Map<Aggregate, State> states, String type, int id) {
        return new String(states.get(Aggregate.of(type, id)).payload(), UTF_8);
    }

    private static JpaStateLoader loader(SessionFactoryImplementor factory) {
        return loader(factory, TIMEOUT);
    }

    private static JpaStateLoader loader(SessionFactoryImplementor factory, Duration timeout) {
        CapturedModel model = new CapturedModelBuilder(factory, new CaptureProperties(Map.of()), Sinks.KNOWN).build();
        StateWays ways = StateWays.of(Map.of(factory, model), Set.of(), timeout);
        return new JpaStateLoader(() -> ways, new JsonMapper()::writeValueAsBytes);
    }

    private static CapturedModel model(SessionFactoryImplementor factory) {
        return new CapturedModelBuilder(factory, new CaptureProperties(Map.of()), Sinks.KNOWN).build();
    }

    private static SessionFactoryImplementor factory(DataSource dataSource, String ddl) {
        var configuration = new Configuration();
        List.of(Basket.class, Line.class, Note.class, Cell.class).forEach(configuration::addAnnotatedClass);
        configuration.getProperties().put("hibernate.connection.datasource", dataSource);
        configuration.setProperty("hibernate.hbm2ddl.auto", ddl);
        return configuration.buildSessionFactory().unwrap(SessionFactoryImplementor.class);
    }

    @Entity(name = "Tenanted")
    @Captured
    static class Tenanted {

        @Id
        Integer id;

        @TenantId
        String tenant;
    }

    @Entity(name = "Basket")
    @Table(name = "basket")
    @Captured
    @FilterDef(name = "visible", autoEnabled = true, applyToLoadByKey = true)
    @Filter(name = "visible", condition = "name <> 'hidden'")
    static class Basket {

        @Id
        Integer id;

        String name;

        @Formula("1 + 1")
        Integer computed;

        @OneToMany(mappedBy = "basket")
        Set<Line> lines = new HashSet<>();

        @ElementCollection
        Set<String> tags = new HashSet<>();

        @ManyToMany
        @JoinTable(name = "basket_friends", joinColumns = @JoinColumn(name = "basket_id"))
        Set<Basket> friends = new HashSet<>();
    }

    @Entity(name = "Line")
    @Table(name = "basket_line")
    @PartOf("basket")
    static class Line {

        @Id
        Integer id;

        @ManyToOne(fetch = FetchType.LAZY)
        Basket basket;

        @OneToMany(mappedBy = "line")
        Set<Note> notes = new HashSet<>();
    }

    @Entity(name = "Note")
    @Table(name = "line_note")
    @PartOf("line.basket")
    static class Note {

        @Id
        Integer id;

        String text;

        @ManyToOne(fetch = FetchType.LAZY)
        Line line;
    }

    @Entity(name = "Cell")
    @Table(name = "cell")
    @Captured(version = 2)
    static class Cell {

        /** Where it is. */
        @Embeddable
        record Place(Integer x, Integer y) {}

        @EmbeddedId
        Place place;

        String text;
    }
}
