package dev.dualwrite.spring.context;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Tells of headers that are left out, each name once: every append may have the same one. Thread-safe. */
final class TellsOnce implements BiConsumer<String, String> {

    // Guessed: more names than anybody has. What comes beyond is told often enough.
    private static final int MAX_NAMES = 100;
    private static final int MAX_LENGTH = 100;

    private final Set<String> told = ConcurrentHashMap.newKeySet();

    @Override
    public void accept(String name, String problem) {
        String key = name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) : name;
        if (told.size() < MAX_NAMES && told.add(key)) {
            ContextLog.headerLeftOut(
                    problem.length() > 2 * MAX_LENGTH ? problem.substring(0, 2 * MAX_LENGTH) : problem);
        }
    }
}
