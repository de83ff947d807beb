package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.hibernate.engine.spi.SessionFactoryImplementor;

/** Where the states of which aggregate type are read. Immutable. */
final class StateWays {

    /** Hibernate's own filter, which is there as soon as an entity has an attribute with the annotation TenantId. */
    private static final String TENANT_FILTER = "_tenantId";

    private final Map<String, Way> byType = new TreeMap<>();

    /**
     * How the states of one aggregate type are read.
     *
     * @param primary through which session factory
     * @param parts what belongs to a state
     */
    record Way(PrimarySession primary, PartWays parts) {}

    private StateWays() {}

    /**
     * The ways to what is captured by reference.
     *
     * @param captured models by session factory
     * @param others aggregate types that loaders of the service's own load: they win
     * @param timeout of one read
     * @throws OutboxConfigurationException if one of the session factories is for several tenants, or a part is in no state
     */
    static StateWays of(Map<SessionFactoryImplementor, CapturedModel> captured, Set<String> others, Duration timeout) {
        var ways = new StateWays();
        var mistakes = new ArrayList<String>();
        captured.forEach((factory, model) -> {
            mistakes.addAll(mistakes(factory, model, others));
            var primary = new PrimarySession(factory, JpaStateLoader.SLICE, timeout);
            byReference(model, others).forEach(root -> {
                ways.byType.put(root.aggregateType(), new Way(primary, new PartWays(model, root)));
            });
        });
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        return ways;
    }

    /** Why states of a session factory cannot be loaded; empty if they can. */
    static List<String> mistakes(SessionFactoryImplementor factory, CapturedModel model, Set<String> others) {
        var mistakes = new ArrayList<String>();
        var types = new TreeSet<String>();
        byReference(model, others).forEach(root -> {
            types.add(root.aggregateType());
            mistakes.addAll(new UnreachedParts(new PartWays(model, root)).mistakes());
        });
        if (!types.isEmpty() && hasTenants(factory)) {
            mistakes.add("aggregate types " + types + " are captured by reference in session factory '"
                    + factory.getName() + "', which serves several tenants: a reference does not say whose row"
                    + " it is. Next: capture them as snapshots, or load their state by a StateLoader of your own");
        }
        return mistakes;
    }

    private static Stream<CapturedRoot> byReference(CapturedModel model, Set<String> others) {
        return model.roots().stream()
                .filter(root -> root.kind() == EntryKind.REFERENCE && !others.contains(root.aggregateType()));
    }

    Set<String> aggregateTypes() {
        return byType.keySet();
    }

    Way of(String aggregateType) {
        Way way = byType.get(aggregateType);
        if (way == null) {
            throw new IllegalArgumentException("aggregate type is '" + aggregateType
                    + "', expected one of the captured entities: " + byType.keySet());
        }
        return way;
    }

    private static boolean hasTenants(SessionFactoryImplementor factory) {
        return factory.getSessionFactoryOptions().isMultiTenancyEnabled()
                || factory.getDefinedFilterNames().contains(TENANT_FILTER);
    }
}
