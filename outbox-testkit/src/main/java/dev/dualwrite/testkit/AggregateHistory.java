package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was told of one aggregate. Confined to one thread. */
final class AggregateHistory {

    /** A commit, by its token. */
    record Commit(String token, Operation operation) {

        @Override
        public String toString() {
            return described(token, operation);
        }
    }

    /** A change of the secondary. */
    record Effect(@Nullable String token, Version version, Operation operation) {

        @Override
        public String toString() {
            return described(token, operation) + " (version " + version.value() + ")";
        }
    }

    private final Aggregate aggregate;
    private final List<Commit> commits = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<String, Operation> attempts = new HashMap<>();
    private final Map<String, Operation> forgotten = new HashMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private @Nullable String primary;
    private @Nullable String secondary;

    AggregateHistory(Aggregate aggregate) {
        this.aggregate = aggregate;
    }

    void committed(String token, Operation operation) {
        if (places.putIfAbsent(token, commits.size()) != null) {
            throw new IllegalArgumentException("token '" + token + "' of " + aggregate
                    + " was told as committed twice, expected one commit a token");
        }
        commits.add(new Commit(token, operation));
    }

    void attempted(String token, Operation operation) {
        attempts.put(token, operation);
    }

    void forgotten(String token, Operation operation) {
        forgotten.put(token, operation);
    }

    void applied(@Nullable String token, Version version, Operation operation) {
        if (token == null && operation == Operation.UPSERT) {
            throw new IllegalArgumentException("an upsert of " + aggregate + " at version " + version.value()
                    + " was told without its token, expected one; only a deletion may come without");
        }
        effects.add(new Effect(token, version, operation));
    }

    void primaryHolds(String token) {
        primary = once("primary", primary, token);
    }

    void secondaryHolds(String token) {
        secondary = once("secondary", secondary, token);
    }

    Aggregate aggregate() {
        return aggregate;
    }

    List<Commit> commits() {
        return commits;
    }

    List<Effect> effects() {
        return effects;
    }

    /** In the commit order from 0; absent if it was never told as committed. */
    @Nullable
    Integer placeOf(String token) {
        return places.get(token);
    }

    boolean survived(Commit commit) {
        return !forgotten.containsKey(commit.token());
    }

    /** Whether it may have been committed at some unknown place: then only its version can say whether its order is right. */
    boolean hasNoPlace(@Nullable String token, Operation operation) {
        if (token != null) {
            return !places.containsKey(token)
                    && (attempts.get(token) == operation || forgotten.get(token) == operation);
        }
        return attempts.keySet().stream().anyMatch(t -> hasNoPlace(t, operation))
                || forgotten.keySet().stream().anyMatch(t -> hasNoPlace(t, operation));
    }

    /** Whether the primary may hold this at the end although it is not the last known commit: its end was unknown. */
    boolean mayHaveSurvivedUnknown(@Nullable String state) {
        if (state != null) {
            return !forgotten.containsKey(state) && !places.containsKey(state) && attempts.containsKey(state);
        }
        return attempts.entrySet().stream()
                .anyMatch(attempt -> attempt.getValue() == Operation.DELETE
                        && !places.containsKey(attempt.getKey())
                        && !forgotten.containsKey(attempt.getKey()));
    }

    @Nullable
    String primary() {
        return primary;
    }

    @Nullable
    String secondary() {
        return secondary;
    }

    List<Violation> check() {
        return new AggregateCheck(this).violations();
    }

    private String once(String store, @Nullable String known, String token) {
        if (known != null) {
            throw new IllegalArgumentException("the final state of " + aggregate + " at the " + store
                    + " was told twice, as '" + known + "' and as '" + token + "', expected once");
        }
        return token;
    }

    private static String described(@Nullable String token, Operation operation) {
        String name = token == null ? "unnamed" : "'" + token + "'";
        return operation == Operation.DELETE ? "deletion " + name : name;
    }
}
