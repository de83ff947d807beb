package dev.dualwrite.bench.idle;

import java.util.Arrays;

/** What a statement of an idle relay is for, told by a part of its text. */
enum Kind {
    POLL("AS last_sequence"),
    RENEWAL("UPDATE dualwrite.shedlock l"),
    HEARTBEAT("INSERT INTO dualwrite.relay AS"),
    LOOK_AT_LANES("AS lock_name"),
    OTHER("");

    private final String part;

    Kind(String part) {
        this.part = part;
    }

    static Kind of(String statement) {
        return Arrays.stream(values())
                .filter(kind -> statement.contains(kind.part))
                .findFirst()
                .orElse(OTHER);
    }
}
