package dev.dualwrite.spring.autoconfigure;

/**
 * One mistake in the configuration, or in the database it points to. Immutable.
 *
 * @param problem what was seen and what was wanted, without a full stop
 * @param nextStep what a person does about it, without a full stop
 */
record Mistake(String problem, String nextStep) {

    private static final String SEPARATOR = ". Next: ";

    /** Both in one text, the form that an exception carries. */
    String text() {
        return problem + SEPARATOR + nextStep;
    }

    /** The mistake that a text stands for; one from elsewhere has a general next step. */
    static Mistake parse(String text) {
        int separator = text.indexOf(SEPARATOR);
        return separator < 0
                ? new Mistake(text, "Correct the configuration or the database as the description says")
                : new Mistake(text.substring(0, separator), text.substring(separator + SEPARATOR.length()));
    }
}
