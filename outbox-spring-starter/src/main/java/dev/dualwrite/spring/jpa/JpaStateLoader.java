package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.spring.jpa.JpaCapture.CapturedFactory;
import dev.dualwrite.spring.jpa.StateWays.Way;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.hibernate.BatchSize;
import org.hibernate.engine.spi.SessionImplementor;
import org.springframework.util.function.SingletonSupplier;

/**
 * Loads the states of aggregates whose roots are captured entities, through Hibernate. Thread-safe; blocks for the database.
 *
 * <p>Cost: a batch is one query for the roots and one for each of their collections, and those of their parts; one more if some
 * roots are not found. Large batches are read in slices, so that no more entities are in memory at once than a slice and its parts.
 */
public final class JpaStateLoader implements StateLoader {

    /** Roots at once. Guessed: enough that round trips do not count, and few beside a service's own sessions. */
    static final int SLICE = 200;

    private final Supplier<StateWays> ways;
    private final PayloadCodec codec;

    /** With the ways to the states of this service, the same each time, and what makes payloads of these. */
    JpaStateLoader(Supplier<StateWays> ways, PayloadCodec codec) {
        this.ways = ways;
        this.codec = codec;
    }

    /**
     * A loader that looks nothing up before it is asked, when all session factories are there.
     *
     * @param captured session factories and what is captured of them
     * @param codec makes JSON of states: what comes after the loader takes them for nothing else
     * @param others aggregate types that loaders of the service's own load: they win
     * @param timeout of the statements that read a slice; a failure of the store
     */
    public static JpaStateLoader of(
            Supplier<List<CapturedFactory>> captured,
            PayloadCodec codec,
            Supplier<Set<String>> others,
            Duration timeout) {
        return new JpaStateLoader(
                SingletonSupplier.of(() -> StateWays.of(
                        captured.get().stream()
                                .collect(Collectors.toMap(CapturedFactory::factory, CapturedFactory::model)),
                        others.get(),
                        timeout)),
                codec);
    }

    /**
     * Those of captured entities whose entries are references.
     *
     * @throws dev.dualwrite.outbox.OutboxConfigurationException if one is in a session factory for several tenants
     */
    @Override
    public Set<String> aggregateTypes() {
        return ways.get().aggregateTypes();
    }

    @Override
    public Map<Aggregate, State> load(List<Aggregate> aggregates) throws InterruptedException {
        var byType = new LinkedHashMap<String, List<Aggregate>>();
        aggregates.forEach(each ->
                byType.computeIfAbsent(each.type(), type -> new ArrayList<>()).add(each));
        var states = new HashMap<Aggregate, State>();
        for (var ofType : byType.entrySet()) {
            Way way = ways.get().of(ofType.getKey());
            List<Aggregate> all = ofType.getValue();
            for (int from = 0; from < all.size(); from += SLICE) {
                checkInterrupt();
                List<Aggregate> slice = all.subList(from, Math.min(all.size(), from + SLICE));
                states.putAll(way.primary().read(session -> slice(way.parts(), slice, session)));
            }
        }
        return states;
    }

    /** By it a relay says that the time is over; Hibernate and the driver do not hear it. */
    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while states were loaded");
        }
    }

    private Map<Aggregate, State> slice(PartWays parts, List<Aggregate> slice, SessionImplementor session) {
        List<Object> ids = slice.stream()
                .map(each -> parts.root().ids().identifier(each.idParts()))
                .toList();
        List<?> entities = session.findMultiple(parts.root().persister().getMappedClass(), ids, new BatchSize(SLICE));
        var found = new ArrayList<Aggregate>();
        var roots = new ArrayList<Object>();
        var missing = new ArrayList<Object>();
        for (int i = 0; i < slice.size(); i++) {
            Object entity = entities.get(i);
            if (entity == null) {
                missing.add(ids.get(i));
            }
            // Below an entity there can be another aggregate type, which has taken over the identifier.
            if (entity != null && parts.isRoot(session.getEntityPersister(null, entity))) {
                found.add(slice.get(i));
                roots.add(entity);
            }
        }
        HiddenRows.refuse(session, parts, missing);
        var trees = new EntityState(session, parts).of(roots);
        var states = new HashMap<Aggregate, State>();
        for (int i = 0; i < found.size(); i++) {
            Aggregate aggregate = found.get(i);
            states.put(
                    aggregate,
                    new State(
                            codec.encode(trees.get(i)),
                            aggregate.type(),
                            parts.root().version()));
        }
        return states;
    }

    @Override
    public int newestVersion(String aggregateType) {
        return ways.get().of(aggregateType).parts().root().version();
    }
}
