package dev.dualwrite.spring.console;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whether there is a console, and where, as it was written down. Immutable.
 *
 * @param enabled whether a servlet application answers with the console
 * @param path where on the application's own port, below its context path
 */
@ConfigurationProperties("dualwrite.console")
public record ConsoleProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("/dualwrite") String path) {

    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9][A-Za-z0-9._-]*)+");

    /** What a person must change, each in one sentence with its next step. */
    public List<String> mistakes() {
        var mistakes = new ArrayList<String>();
        if (!PATH.matcher(path).matches()) {
            mistakes.add("dualwrite.console.path is '" + path
                    + "', expected one or more parts like /dualwrite, of letters, digits, '.', '_' and '-', without a slash"
                    + " at the end. Next: correct dualwrite.console.path, or remove it");
        }
        return mistakes;
    }
}
