package dev.dualwrite.spring.jpa;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.spring.transaction.OutboxTransactions;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jspecify.annotations.Nullable;

/**
 * Captures the changes of entities in session factories: each transaction that changes a captured entity, its collections or its
 * parts writes one entry for its aggregate. Thread-safe.
 *
 * <p>A change outside of a transaction of the outbox is refused, before it is made. What goes past Hibernate's sessions (bulk
 * queries, native SQL, other programs) is not seen.
 */
public final class JpaCapture {

    private final OutboxTransactions transactions;
    private final CaptureProperties properties;
    private final Set<String> sinks;
    private final List<CapturedFactory> captured = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();
    private final Set<String> classes = new TreeSet<>();
    private @Nullable Set<String> unknownNames;

    /**
     * Nothing is captured before a factory is attached.
     *
     * @param transactions of the outbox
     * @param properties what is captured without annotations
     * @param sinks every sink that the outbox knows
     */
    public JpaCapture(OutboxTransactions transactions, CaptureProperties properties, Set<String> sinks) {
        this.transactions = requireNonNull(transactions, "transactions");
        this.properties = requireNonNull(properties, "properties");
        this.sinks = Set.copyOf(sinks);
    }

    /**
     * A session factory, and what is captured of it.
     *
     * @param factory on the outbox's DataSource
     * @param model not empty
     */
    public record CapturedFactory(SessionFactoryImplementor factory, CapturedModel model) {}

    /**
     * Captures from now on what is captured of a factory. A second call does nothing; so does one for a JPA provider other than
     * Hibernate. After a mistake every change of a captured entity is refused, until {@link #check} stops the start.
     */
    public synchronized void attach(EntityManagerFactory factory) {
        SessionFactoryImplementor hibernate = hibernate(factory);
        if (hibernate == null || captured.stream().anyMatch(known -> known.factory() == hibernate)) {
            return;
        }
        var builder = new CapturedModelBuilder(hibernate, properties, sinks);
        CapturedModel model = builder.build();
        List<String> found = new ArrayList<>(builder.mistakes());
        if (!model.isEmpty() && !transactions.isAt(dataSourceOf(hibernate))) {
            found.add("entities "
                    + new TreeSet<>(
                            model.roots().stream().map(CapturedRoot::entityName).toList())
                    + " are captured, but session factory '" + hibernate.getName()
                    + "' does not use the outbox's DataSource. Next: capture entities of that DataSource only, or choose"
                    + " it by dualwrite.outbox.data-source");
        }
        model.roots().forEach(root -> found.addAll(capturedElsewhere(root)));
        var unknown = new TreeSet<>(builder.unknownNames());
        if (unknownNames != null) {
            unknown.retainAll(unknownNames);
        }
        unknownNames = unknown;
        mistakes.addAll(found);
        classes.addAll(builder.classes());
        captured.add(new CapturedFactory(hibernate, model));
        CaptureTarget target = found.isEmpty()
                ? session -> transactions.current(PhysicalConnection.of(session))
                : session -> {
                    throw new OutboxConfigurationException(found);
                };
        CaptureListeners.register(hibernate, model, new RootEntries(target, new RowSnapshots(model)));
    }

    /** The state of an aggregate is read through one session factory. */
    private List<String> capturedElsewhere(CapturedRoot root) {
        return captured.stream()
                .map(each -> each.model().ofType(root.aggregateType()))
                .filter(Objects::nonNull)
                .map(other -> "aggregate type '" + root.aggregateType() + "' is captured of two session factories, as"
                        + " entities " + other.entityName() + " and " + root.entityName() + ", expected one. Next: map"
                        + " the entity in one of them only, or give one of the two another aggregate")
                .toList();
    }

    /** All that shares the outbox's database: also where nothing is captured. */
    private synchronized List<CapturedFactory> atOutbox() {
        return captured.stream()
                .filter(each -> transactions.isAt(dataSourceOf(each.factory())))
                .toList();
    }

    /** What is captured, by session factory; without those of which nothing is. */
    public synchronized List<CapturedFactory> captured() {
        return captured.stream().filter(each -> !each.model().isEmpty()).toList();
    }

    /**
     * Why the states that references refer to cannot be loaded here.
     *
     * @param others the aggregate types that loaders of the service's own load; asked only if it matters
     */
    public List<String> loadingMistakes(Supplier<Set<String>> others) {
        return captured().stream()
                .filter(each -> !StateWays.mistakes(each.factory(), each.model(), Set.of())
                        .isEmpty())
                .flatMap(each -> StateWays.mistakes(each.factory(), each.model(), others.get()).stream())
                .toList();
    }

    /** What a person must change about all that was attached, each in one sentence with its next step. */
    synchronized List<String> mistakes() {
        var all = new ArrayList<>(mistakes);
        if (unknownNames != null) {
            unknownNames.forEach(
                    name -> all.add(
                            "dualwrite.capture.entities." + name
                                    + " names no entity. Next: write the name of an entity, or in brackets the full name of its class"));
        }
        return all;
    }

    /**
     * Makes what is captured known at the primary, so that no trigger captures it too, and warns of foreign keys that change it
     * unseen. Blocks on the primary: two statements, five if something is new.
     *
     * @param outbox where the outbox's schema is
     * @param schema its name
     * @param found what is to be changed besides
     * @param annotated finds the names of the classes that are annotated
     * @throws OutboxConfigurationException with every mistake in what was attached
     * @throws dev.dualwrite.outbox.OutboxStoreException if the primary cannot be asked
     */
    public void check(DataSource outbox, String schema, List<String> found, Supplier<Set<String>> annotated) {
        List<CapturedModel> models = new ArrayList<>();
        captured().forEach(each -> models.add(each.model()));
        List<String> all = mistakes();
        all.addAll(found);
        all.addAll(noEntities(annotated.get()));
        if (!models.isEmpty()) {
            all.addAll(UncapturedWriters.mistakes(atOutbox()));
        }
        all.addAll(new CapturedEntityTable(outbox, schema).add(all.isEmpty(), models));
        if (!all.isEmpty()) {
            throw new OutboxConfigurationException(all);
        }
        if (!models.isEmpty()) {
            new KeyActions(outbox).warn(models);
        }
    }

    private synchronized List<String> noEntities(Set<String> annotated) {
        return annotated.stream()
                .filter(name -> !classes.contains(name))
                .map(name ->
                        "class " + name + " has @Captured or @PartOf, but is no entity of any session factory, and none"
                                + " extends it. Next: remove the annotation, or make it an entity")
                .toList();
    }

    private static @Nullable SessionFactoryImplementor hibernate(EntityManagerFactory factory) {
        try {
            return factory.unwrap(SessionFactoryImplementor.class);
        } catch (PersistenceException e) {
            // Another JPA provider: it has no entities that these annotations could capture.
            return null;
        }
    }

    private static @Nullable DataSource dataSourceOf(SessionFactoryImplementor factory) {
        ConnectionProvider connections = factory.getServiceRegistry().getService(ConnectionProvider.class);
        return connections != null && connections.isUnwrappableAs(DataSource.class)
                ? connections.unwrap(DataSource.class)
                : null;
    }
}
