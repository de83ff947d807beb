package dev.dualwrite.outbox;

import java.util.List;

/** The configuration, or the database it points to, cannot work. It carries every mistake that was found, not the first. */
public final class OutboxConfigurationException extends OutboxException {

    private static final long serialVersionUID = 1L;

    private final List<String> mistakes;

    public OutboxConfigurationException(List<String> mistakes) {
        super(message(mistakes), null);
        this.mistakes = List.copyOf(mistakes);
    }

    public OutboxConfigurationException(String mistake, Throwable cause) {
        super(mistake, cause);
        this.mistakes = List.of(mistake);
    }

    /** Each mistake in one sentence: name, value seen, value wanted, next step. */
    public List<String> mistakes() {
        return mistakes;
    }

    private static String message(List<String> mistakes) {
        return mistakes.size() == 1
                ? mistakes.get(0)
                : mistakes.size() + " mistakes in the configuration of Dualwrite:\n - "
                        + String.join("\n - ", mistakes);
    }
}
