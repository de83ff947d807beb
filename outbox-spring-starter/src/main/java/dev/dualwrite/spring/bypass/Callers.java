package dev.dualwrite.spring.bypass;

import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.List;

/**
 * Who issues the statement that is being looked at, read off the calling thread's stack. Nothing else tells an entity's UPDATE
 * from a bulk one: both can have the same text, in the same transaction. Thread-safe, without state.
 */
final class Callers {

    private static final StackWalker WALKER = StackWalker.getInstance();

    private static final String HIBERNATE = "org.hibernate.";

    /** Hibernate's own statements are prepared here, and nowhere else. */
    private static final String PREPARER = "org.hibernate.engine.jdbc.internal.";

    /** Rows of entities and of their collections are written here: by a flush, by a stateless session, by a version increment. */
    private static final List<String> ENTITY_WRITES =
            List.of("org.hibernate.engine.jdbc.mutation.", "org.hibernate.persister.", "org.hibernate.action.");

    /** Statements of queries are executed here, whatever they change. */
    private static final List<String> QUERIES = List.of("org.hibernate.query.", "org.hibernate.sql.exec.");

    /** Not the service's own code. Tools that wrap connections are in, or they would be blamed. */
    private static final List<String> NOT_THE_SERVICE = List.of(
            HIBERNATE,
            "org.springframework.",
            "java.",
            "javax.",
            "jakarta.",
            "jdk.",
            "sun.",
            "com.sun.",
            "kotlin.",
            "com.zaxxer.",
            "org.postgresql.",
            "org.jooq.",
            "org.apache.ibatis.",
            "org.mybatis.",
            "com.p6spy.",
            "net.ttddyy.",
            "io.micrometer.",
            "io.opentelemetry.",
            "org.aspectj.",
            "dev.dualwrite.outbox.",
            "dev.dualwrite.relay.",
            "dev.dualwrite.spring.");

    private Callers() {}

    /** Whether this is Hibernate writing rows of an entity, of which its listeners hear. */
    static boolean areHibernatesEntityWrites() {
        return WALKER.walk(frames -> decide(frames.map(StackFrame::getClassName).iterator()));
    }

    /**
     * The decision, over class names from the innermost outwards. The frame that decides is the nearest one: an entity listener
     * that runs SQL of its own has a flush further out on its stack, and a bulk query has flushed before, on a stack of its own.
     */
    static boolean decide(Iterator<String> classes) {
        while (classes.hasNext()) {
            String first = classes.next();
            if (first.startsWith(HIBERNATE)) {
                // Else a Work or a callback of the service, in whose hands the connection is.
                return first.startsWith(PREPARER) && isBelowEntityWrites(classes);
            }
        }
        return false;
    }

    private static boolean isBelowEntityWrites(Iterator<String> classes) {
        while (classes.hasNext()) {
            String name = classes.next();
            if (startsWithOneOf(name, ENTITY_WRITES)) {
                return true;
            }
            if (startsWithOneOf(name, QUERIES) || !(name.startsWith(HIBERNATE) || name.startsWith("java."))) {
                return false;
            }
        }
        return false;
    }

    /** The nearest line of the service's own code. */
    static String place() {
        return WALKER.walk(frames -> frames.filter(frame -> isTheServices(frame.getClassName()))
                .map(frame -> frame.getClassName() + "." + frame.getMethodName() + "(" + frame.getFileName() + ":"
                        + frame.getLineNumber() + ")")
                .findFirst()
                .orElse("unknown"));
    }

    static boolean isTheServices(String className) {
        return !className.contains("$$")
                && !className.contains("$Proxy")
                && !startsWithOneOf(className, NOT_THE_SERVICE);
    }

    private static boolean startsWithOneOf(String name, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
