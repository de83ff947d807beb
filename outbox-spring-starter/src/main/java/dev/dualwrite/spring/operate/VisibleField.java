package dev.dualwrite.spring.operate;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A place in payloads that is shown in the clear, with all below it: a JSON pointer, {@code *} standing for each element of an array
 * or each field of an object. Immutable.
 *
 * @param steps names and numbers from the top, unescaped
 */
record VisibleField(List<String> steps) {

    private static final Pattern POINTER = Pattern.compile("(/([^~/]|~[01])+)+");
    private static final String ANY = "*";

    VisibleField {
        steps = List.copyOf(steps);
    }

    /** Of a pointer, or of the bare name of a field at the top. */
    static VisibleField parse(String text) {
        String pointer = text.startsWith("/") ? text.substring(1) : text;
        return new VisibleField(List.of(pointer.split("/")).stream()
                .map(step -> step.replace("~1", "/").replace("~0", "~"))
                .toList());
    }

    static boolean isValid(String text) {
        return POINTER.matcher(text.startsWith("/") ? text : "/" + text).matches();
    }

    /** Whether this is the place, or one above it. */
    boolean covers(List<String> path) {
        if (path.size() < steps.size()) {
            return false;
        }
        for (int i = 0; i < steps.size(); i++) {
            if (!steps.get(i).equals(ANY) && !steps.get(i).equals(path.get(i))) {
                return false;
            }
        }
        return true;
    }
}
