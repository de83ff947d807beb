package dev.dualwrite.spring.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What another part of Dualwrite in this process knows of the configuration, so that all mistakes stand in one report. Asked
 * once, before anything is done at the primary; an implementation must not need a bean that uses the primary.
 */
public interface ConfigurationCheck {

    /** The records that properties are bound to, by prefix: the names of all properties that it reads. */
    Map<String, Class<?>> properties();

    /** Prefixes below which others may read more than {@link #properties()} says, for example a sink of the user's own. */
    Set<String> openPrefixes();

    /**
     * What a person must change, each in one sentence with its next step.
     *
     * @param sinks names of the sinks that the entries of this process's own outbox may go to
     * @param soFar how many mistakes others found: the start fails, so it may as well look further
     */
    List<String> mistakes(Set<String> sinks, int soFar);
}
