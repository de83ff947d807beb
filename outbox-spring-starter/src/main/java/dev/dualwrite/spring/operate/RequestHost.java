package dev.dualwrite.spring.operate;

import org.jspecify.annotations.Nullable;

/** Which host the request on this thread asked for. Thread-safe. */
@FunctionalInterface
interface RequestHost {

    /** The header; absent if there is none, or it cannot be known: in a reactive application. */
    @Nullable
    String asked();
}
