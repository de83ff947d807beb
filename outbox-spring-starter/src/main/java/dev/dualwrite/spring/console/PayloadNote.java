package dev.dualwrite.spring.console;

import dev.dualwrite.spring.operate.ShownPayload;

/** What is said about a payload, beside what is shown of it. */
final class PayloadNote {

    private PayloadNote() {}

    static String of(ShownPayload payload) {
        return switch (payload.format()) {
            case "none" -> "This entry has none.";
            case "json" ->
                size(payload)
                        + " of JSON. Values are left out, but for the fields that dualwrite.operator.visible-fields names.";
            default -> size(payload) + " that are not JSON, so that nothing of them is shown.";
        };
    }

    private static String size(ShownPayload payload) {
        return payload.bytes() == 1 ? "1 byte" : payload.bytes() + " bytes";
    }
}
