package dev.dualwrite.bench.startup;

import java.io.File;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The class path of this JVM, as a whole or as other services have it. */
final class ClassPath {

    /** The names of modules in directories, of files in a repository. */
    private static final String OUTBOX = "(outbox-(core|spring-starter|relay)|shedlock-).*";

    private static final String BROUGHT_BY_OUTBOX = "(flyway-|jackson-|spring-boot-jackson).*";
    private static final String FLYWAY_OF_SERVICE = "spring-boot-(starter-)?flyway-.*";

    private ClassPath() {}

    /** With everything: the outbox, Jackson, and a Flyway of the service's own. */
    static String whole() {
        return System.getProperty("java.class.path");
    }

    /** Of a service that has Jackson and a Flyway of its own, but never heard of an outbox. */
    static String withoutOutbox() {
        return without(OUTBOX);
    }

    /** Of a service that lacks not only the outbox but all that comes with it. */
    static String lean() {
        return without(OUTBOX + "|" + BROUGHT_BY_OUTBOX + "|" + FLYWAY_OF_SERVICE);
    }

    /** Of the same once it has got the outbox. */
    static String leanWithOutbox() {
        return without(FLYWAY_OF_SERVICE);
    }

    private static String without(String names) {
        return Arrays.stream(whole().split(File.pathSeparator, -1))
                .filter(entry -> !name(entry).matches(names))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Of a module's directory of classes, the module's name. */
    private static String name(String entry) {
        String path = entry.replace('\\', '/').replaceFirst("/target/classes/?$", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
