package dev.dualwrite.bench.wal;

/** What an entry writes into the log, by what is done. */
enum Part {
    INSERT("the row, at its append"),
    KEY("its index entry"),
    SEQUENCE("its number"),
    DELETE("the row, at its settle"),
    PRUNE("pages tidied up on the way"),
    REST("locks, floors, leases, heartbeats");

    private final String title;

    Part(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** The part that a kind of record belongs to. */
    static Part of(LogReader.Kind kind) {
        return switch (kind.relation()) {
            case "outbox_entry_pkey" -> KEY;
            case "entry_sequence" -> SEQUENCE;
            case "outbox_entry" -> {
                if (kind.record().startsWith("Heap INSERT")) {
                    yield INSERT;
                }
                if (kind.record().equals("Heap DELETE")) {
                    yield DELETE;
                }
                yield kind.record().startsWith("Heap2 ") ? PRUNE : REST;
            }
            default -> REST;
        };
    }
}
