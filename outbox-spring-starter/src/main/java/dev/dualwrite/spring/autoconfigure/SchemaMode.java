package dev.dualwrite.spring.autoconfigure;

/** What a process does with the outbox's schema when it starts. */
enum SchemaMode {
    /** Installs the schema, or brings it up to date. */
    MIGRATE,
    /** Changes nothing; every migration file must have been applied through Flyway, unchanged. */
    VALIDATE,
    /** Changes nothing and needs no history: a person applied the files by hand. Only the version is checked. */
    NONE
}
