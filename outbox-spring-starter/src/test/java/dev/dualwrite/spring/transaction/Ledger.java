package dev.dualwrite.spring.transaction;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PreUpdate;

/** A row without a version: two writers of it do not fail, they only wait for each other. */
@Entity
class Ledger {

    @Id
    Long id;

    String state;

    transient Runnable inFlush = () -> {};

    Ledger() {}

    Ledger(long id, String state) {
        this.id = id;
        this.state = state;
    }

    @PreUpdate
    void callback() {
        inFlush.run();
    }
}
