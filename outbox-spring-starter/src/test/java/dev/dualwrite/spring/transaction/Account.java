package dev.dualwrite.spring.transaction;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PrePersist;
import jakarta.persistence.PreUpdate;
import jakarta.persistence.Version;

/** A versioned root. A test can put code into the flush, where an entity listener would run. */
@Entity
class Account {

    @Id
    Long id;

    String state;

    @Version
    long version;

    transient Runnable inFlush = () -> {};

    Account() {}

    Account(long id, String state) {
        this.id = id;
        this.state = state;
    }

    @PrePersist
    @PreUpdate
    void callback() {
        inFlush.run();
    }

    String text() {
        return state + "@" + version;
    }
}
