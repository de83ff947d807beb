package dev.dualwrite.spring.operate;

import org.jspecify.annotations.Nullable;

/** What the request on this thread asked for: which host, and by which path. Thread-safe. */
@FunctionalInterface
interface RequestHost {

    /** The header; absent if there is none, or it cannot be known: in a reactive application. */
    @Nullable
    String asked();

    /**
     * Whether its path names this sink and this action. Boot lets fields of the body stand in for parts of the path, and then rules and
     * logs by path would tell of another act. True where the path cannot be known.
     */
    default boolean isFor(String sink, String action) {
        return true;
    }
}
