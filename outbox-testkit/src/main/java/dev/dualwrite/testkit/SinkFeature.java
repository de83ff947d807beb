package dev.dualwrite.testkit;

/** What a sink says of itself; {@link SinkContract} leaves out the rules that it does not claim. */
public enum SinkFeature {
    /** An entry is written only if its version is newer than what the store holds, atomically. */
    GUARDED_BY_VERSION,
    /** A deletion leaves its version behind, so that an older upsert cannot bring the aggregate back. */
    REMEMBERS_DELETIONS,
    /** A call that throws has changed nothing. */
    TRANSACTIONAL,
    /** Any text that an aggregate may have as its id is a key of the store, exactly as it is. */
    TAKES_ANY_ID
}
