package dev.dualwrite.outbox.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All upcasters of a process as chains. Immutable, and as thread-safe as they are. There are no cycles: each step raises the
 * version.
 */
public final class Upcasters {

    private final Map<TypeVersion, Upcaster> steps;

    /** For each type name the versions that some upcaster takes. */
    private final Map<String, NavigableSet<Integer>> taken;

    /**
     * A payload type in one of its versions.
     *
     * @param type logical type name
     * @param version from 1
     */
    public record TypeVersion(String type, int version) {
        @Override
        public String toString() {
            return "'" + type + "' version " + version;
        }
    }

    /**
     * The chains of some upcasters.
     *
     * @throws IllegalArgumentException with the first of {@link #mistakes}
     */
    public Upcasters(Collection<? extends Upcaster> upcasters) {
        List<String> mistakes = mistakes(upcasters);
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(mistakes.get(0));
        }
        this.steps = steps(upcasters, new ArrayList<>());
        this.taken = taken(steps.keySet());
    }

    /** Everything that keeps upcasters from being chains, each with its next step. */
    public static List<String> mistakes(Collection<? extends Upcaster> upcasters) {
        var mistakes = new ArrayList<String>();
        Map<TypeVersion, Upcaster> steps = steps(upcasters, mistakes);
        Map<String, NavigableSet<Integer>> taken = taken(steps.keySet());
        steps.forEach((from, upcaster) -> {
            TypeVersion to = target(from, upcaster);
            Integer later = steps.containsKey(to) ? null : higher(taken, to);
            if (later != null) {
                mistakes.add("upcasters lead from payload type " + from + " to version " + to.version()
                        + ", and there is one from version " + later + ", but none from " + to
                        + ". Next: declare an Upcaster bean from " + to);
            }
        });
        return mistakes;
    }

    private static Map<TypeVersion, Upcaster> steps(Collection<? extends Upcaster> upcasters, List<String> mistakes) {
        var steps = new LinkedHashMap<TypeVersion, Upcaster>();
        for (Upcaster upcaster : upcasters) {
            var from = new TypeVersion(upcaster.payloadType(), upcaster.fromVersion());
            if (from.version() < 1 || from.version() >= Short.MAX_VALUE) {
                mistakes.add("upcaster " + name(upcaster) + " takes payload type " + from + ", expected version 1 to "
                        + (Short.MAX_VALUE - 1) + ". Next: correct its fromVersion()");
                continue;
            }
            Upcaster other = steps.putIfAbsent(from, upcaster);
            if (other != null) {
                mistakes.add("upcasters " + name(other) + " and " + name(upcaster) + " both take payload type " + from
                        + ". Next: remove one of the two");
            }
        }
        return steps;
    }

    private static Map<String, NavigableSet<Integer>> taken(Set<TypeVersion> all) {
        var taken = new HashMap<String, NavigableSet<Integer>>();
        all.forEach(one ->
                taken.computeIfAbsent(one.type(), type -> new TreeSet<>()).add(one.version()));
        return taken;
    }

    private static @Nullable Integer higher(Map<String, NavigableSet<Integer>> taken, TypeVersion from) {
        NavigableSet<Integer> versions = taken.get(from.type());
        return versions == null ? null : versions.higher(from.version());
    }

    private static TypeVersion target(TypeVersion from, Upcaster upcaster) {
        return new TypeVersion(upcaster.toPayloadType(), from.version() + 1);
    }

    private static String name(Upcaster upcaster) {
        return upcaster.getClass().getName();
    }

    /** Whether there is nothing to lift, whatever the payload. */
    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /** The upcaster that takes a version; null if it is the newest, or no chain begins there. */
    public @Nullable Upcaster from(TypeVersion from) {
        return steps.get(from);
    }

    /** Where the chain of a version ends: with itself if nothing lifts it. */
    public TypeVersion newest(TypeVersion from) {
        TypeVersion newest = from;
        for (Upcaster step = steps.get(newest); step != null; step = steps.get(newest)) {
            newest = target(newest, step);
        }
        return newest;
    }

    /** For each type that upcasters take or give the newest version that they know, by the type's name. */
    public Map<String, Integer> newestVersions() {
        var newest = new TreeMap<String, Integer>();
        steps.forEach((from, upcaster) -> {
            TypeVersion to = target(from, upcaster);
            newest.merge(to.type(), to.version(), Math::max);
            newest.merge(from.type(), from.version(), Math::max);
        });
        return newest;
    }

    /** Whether upcasters take that type in later versions, but not in this one. */
    public boolean beginsAfter(TypeVersion from) {
        return !steps.containsKey(from) && higher(taken, from) != null;
    }

    /**
     * A payload in the newest version.
     *
     * @param payload may be changed
     * @throws UpcastException if an upcaster fails on it; without the payload
     */
    public Map<String, @Nullable Object> upcast(TypeVersion from, Map<String, @Nullable Object> payload)
            throws UpcastException {
        TypeVersion at = from;
        Map<String, @Nullable Object> tree = payload;
        for (Upcaster step = steps.get(at); step != null; step = steps.get(at)) {
            tree = lifted(at, step, tree);
            at = target(at, step);
        }
        return tree;
    }

    private static Map<String, @Nullable Object> lifted(
            TypeVersion from, Upcaster step, Map<String, @Nullable Object> payload) throws UpcastException {
        Map<String, @Nullable Object> answer;
        try {
            answer = step.upcast(payload);
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            // Also a checked one: Kotlin, Groovy and Lombok throw them undeclared, and a sink's would mean its store.
            throw new UpcastException(from, step, FailurePlace.of(e), e);
        }
        try {
            return PayloadTree.copyObject(answer);
        } catch (RuntimeException e) {
            throw new UpcastException(from, step, PayloadTree.problem(e), e);
        }
    }

    /** An upcaster failed on a payload. The message has neither the payload nor the cause's message, which may quote it. */
    public static final class UpcastException extends Exception {

        private static final long serialVersionUID = 1L;

        UpcastException(TypeVersion from, Upcaster step, String problem, Throwable cause) {
            super("upcaster " + name(step) + " failed on payload type " + from + ": " + problem, cause);
        }
    }
}
