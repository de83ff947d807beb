package dev.dualwrite.outbox;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One intended change to the secondary stores, as a service appends it: a snapshot of an aggregate,
 * its deletion, or a reference to it.
 *
 * <p>Immutable; the payload object itself is only held, not copied, and is serialised at the end of the transaction, after
 * the flush. State that is only known then (a {@code @Version}, a generated value) is best given as a {@link Supplier}.
 *
 * <p>A snapshot of an aggregate of several rows is only right if its root row was locked (or its version raised) before
 * the other rows were read: else two transactions that change different rows each write a state without the other's.
 */
public final class OutboxEntry {

    private static final int MAX_HEADERS = 32;

    private final Aggregate aggregate;
    private final Operation operation;
    private final @Nullable Supplier<?> payload;
    private final @Nullable String payloadType;
    private final int schemaVersion;
    private final Map<String, String> headers;
    private final Set<String> sinks;

    private OutboxEntry(
            Aggregate aggregate,
            Operation operation,
            @Nullable Supplier<?> payload,
            @Nullable String payloadType,
            int schemaVersion,
            Map<String, String> headers,
            Set<String> sinks) {
        this.aggregate = requireNonNull(aggregate, "aggregate");
        this.operation = operation;
        this.payload = payload;
        this.payloadType = payloadType;
        this.schemaVersion = schemaVersion;
        this.headers = headers;
        this.sinks = sinks;
    }

    /**
     * The aggregate exists and this is its whole state. The logical type of the payload is what its class says ({@link
     * PayloadType}), else the aggregate's type in version 1.
     */
    public static OutboxEntry upsert(Aggregate aggregate, Object payload) {
        requireNonNull(payload, "payload");
        return upsert(aggregate, () -> payload);
    }

    /**
     * As {@link #upsert(Aggregate, Object)}, for a payload that is asked for once, at the end of the transaction, after the
     * flush, on the thread of the transaction. A supplier that throws or gives {@code null} fails the transaction.
     */
    public static OutboxEntry upsert(Aggregate aggregate, Supplier<?> payload) {
        return new OutboxEntry(
                aggregate, Operation.UPSERT, requireNonNull(payload, "payload"), null, 1, Map.of(), Set.of());
    }

    /** The aggregate is gone. */
    public static OutboxEntry delete(Aggregate aggregate) {
        return new OutboxEntry(aggregate, Operation.DELETE, null, null, 1, Map.of(), Set.of());
    }

    /**
     * Something about the aggregate changed, or it is gone: the relay loads its state, after the commit, through the {@link
     * dev.dualwrite.outbox.spi.StateLoader} of its type. Tiny, and free of order: it needs no lock on the aggregate's root.
     *
     * <p>An aggregate type has entries of one kind only: either references for every change and deletion, or snapshots and
     * deletions. A reference is applied with a version that is drawn when the state is loaded, and would win against a
     * snapshot that is newer than that state.
     */
    public static OutboxEntry reference(Aggregate aggregate) {
        return new OutboxEntry(aggregate, Operation.REFERENCE, null, null, 1, Map.of(), Set.of());
    }

    /** The same entry, for these sinks and no others. Without this call the configuration names the sinks. */
    public OutboxEntry to(String... sinks) {
        if (sinks.length == 0) {
            throw new IllegalArgumentException("sinks is empty, expected at least one name");
        }
        return new OutboxEntry(
                aggregate,
                operation,
                payload,
                payloadType,
                schemaVersion,
                headers,
                new LinkedHashSet<>(Arrays.asList(sinks)));
    }

    /**
     * The same entry with another logical type name and schema version of its payload.
     *
     * @param type 1 to 200 characters; a name of yours, not a class name, so that classes can be renamed
     * @param schemaVersion 1 to 32,767
     */
    public OutboxEntry payloadType(String type, int schemaVersion) {
        requireNonNull(type, "type");
        if (type.isEmpty() || type.length() > 200) {
            throw new IllegalArgumentException("payload type has " + type.length() + " characters, expected 1 to 200");
        }
        if (schemaVersion < 1 || schemaVersion > Short.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "schemaVersion is " + schemaVersion + ", expected 1 to " + Short.MAX_VALUE);
        }
        return new OutboxEntry(aggregate, operation, payload, type, schemaVersion, headers, sinks);
    }

    /**
     * The same entry, with the payload type that the class of a payload states by {@link PayloadType}; without such a
     * statement this entry. Called when the payload is there, that is when it is serialised.
     *
     * @throws IllegalStateException if the class and {@link #payloadType(String, int)} say different things, or two of its
     *     interfaces do
     */
    public OutboxEntry typedBy(Object payload) {
        PayloadType stated = StatedType.of(payload.getClass());
        if (stated == null) {
            return this;
        }
        if (payloadType == null) {
            return payloadType(stated.value(), stated.version());
        }
        if (!payloadType.equals(stated.value()) || schemaVersion != stated.version()) {
            throw new IllegalStateException("the entry says payload type '" + payloadType + "' version " + schemaVersion
                    + ", but @PayloadType of " + payload.getClass().getName() + " says '" + stated.value()
                    + "' version " + stated.version() + ". Next: remove one of the two, or make them equal");
        }
        return this;
    }

    /**
     * The same entry with one header more; at most 32, each name and value up to 1,000 characters, no control characters. In
     * the table a header takes at most nine bytes for each character, so all of them less than 600 kB.
     *
     * @throws IllegalArgumentException if one is not fit; the message names the header, never its value
     */
    public OutboxEntry header(String name, String value) {
        String problem = CleanText.headerProblem(name, value);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        if (more.size() > MAX_HEADERS) {
            throw new IllegalArgumentException(
                    "entry has " + more.size() + " headers, expected at most " + MAX_HEADERS);
        }
        return withHeaders(more);
    }

    /**
     * The same entry with those headers of its surroundings that it has not got yet. What {@link #header} would refuse is left
     * out: a bad value that happens to be around must not cost the business transaction.
     *
     * @param leftOut gets the name of each that is left out, and the problem with it, without its value
     */
    public OutboxEntry headersIfAbsent(
            Map<String, ? extends @Nullable String> surroundings, BiConsumer<String, String> leftOut) {
        if (surroundings.isEmpty()) {
            return this;
        }
        var more = new LinkedHashMap<>(headers);
        surroundings.forEach((name, value) -> {
            if (value == null || more.containsKey(name)) {
                return;
            }
            String problem = more.size() == MAX_HEADERS
                    ? "an entry has " + MAX_HEADERS + " headers already, expected no more"
                    : CleanText.headerProblem(name, value);
            if (problem == null) {
                more.put(name, value);
            } else {
                leftOut.accept(name, problem);
            }
        });
        return more.size() == headers.size() ? this : withHeaders(more);
    }

    private OutboxEntry withHeaders(Map<String, String> all) {
        return new OutboxEntry(aggregate, operation, payload, payloadType, schemaVersion, all, sinks);
    }

    public Aggregate aggregate() {
        return aggregate;
    }

    public Operation operation() {
        return operation;
    }

    /** Where the payload comes from; present for an upsert only. */
    public @Nullable Supplier<?> payload() {
        return payload;
    }

    /** The payload's logical type name; the aggregate's type if nothing else was said. */
    public String payloadType() {
        return payloadType == null ? aggregate.type() : payloadType;
    }

    public int schemaVersion() {
        return schemaVersion;
    }

    public Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /** The sinks named by {@link #to}; empty if the configuration decides. */
    public Set<String> sinks() {
        return Collections.unmodifiableSet(sinks);
    }

    @Override
    public String toString() {
        return operation + " " + aggregate;
    }
}
