package dev.dualwrite.spring.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mistake in the configuration, or in the database it points to. Immutable.
 *
 * @param problem what was seen and what was wanted, without a full stop
 * @param nextStep what a person does about it, without a full stop
 */
record Mistake(String problem, String nextStep) {

    private static final String SEPARATOR = ". Next: ";
    private static final Pattern PROPERTY = Pattern.compile("dualwrite\\.[\\w.-]*\\w");

    /** Both in one text, the form that an exception carries. */
    String text() {
        return problem + SEPARATOR + nextStep;
    }

    /** The mistake that a text stands for; one without a next step gets the one that its first word, a property, shows. */
    static Mistake parse(String text) {
        int separator = text.indexOf(SEPARATOR);
        if (separator >= 0) {
            return new Mistake(text.substring(0, separator), text.substring(separator + SEPARATOR.length()));
        }
        Matcher property = PROPERTY.matcher(text);
        return new Mistake(
                text,
                property.lookingAt()
                        ? "correct " + property.group() + ", or what it stands for"
                        : "correct the configuration or the database as it says there");
    }
}
