package dev.dualwrite.bench.startup;

import java.io.File;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The class path of this JVM, as a whole or as a service has it that never heard of an outbox. */
final class ClassPath {

    /** The outbox and what came with it; the names of modules in directories, of files in a repository. */
    private static final String OF_OUTBOX =
            "(outbox-(core|spring-starter|relay)|flyway-|jackson-|spring-boot-jackson|shedlock-).*";

    private ClassPath() {}

    static String whole() {
        return System.getProperty("java.class.path");
    }

    static String withoutOutbox() {
        return Arrays.stream(whole().split(File.pathSeparator, -1))
                .filter(entry -> !name(entry).matches(OF_OUTBOX))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Of a module's directory of classes, the module's name. */
    private static String name(String entry) {
        String path = entry.replace('\\', '/').replaceFirst("/target/classes/?$", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
