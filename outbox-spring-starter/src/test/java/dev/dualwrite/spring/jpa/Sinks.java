package dev.dualwrite.spring.jpa;

import java.util.Set;

/** The sinks that tests know. */
final class Sinks {

    static final Set<String> KNOWN = Set.of("archive", "copy");

    private Sinks() {}
}
