package dev.dualwrite.spring.bypass;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What was logged once, and is not to be logged again. Bounded: what comes after is not logged at all. Thread-safe. */
final class Places {

    // A guess: far more than anybody reads, and about a megabyte of shapes.
    static final int MOST = 1_000;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    boolean isNew(String what) {
        return !seen.contains(what) && seen.size() < MOST && seen.add(what);
    }
}
