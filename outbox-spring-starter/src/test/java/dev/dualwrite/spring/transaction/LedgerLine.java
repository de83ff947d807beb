package dev.dualwrite.spring.transaction;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;

/** A child whose key is drawn by the database: Hibernate inserts it at once, at persist(). */
@Entity
class LedgerLine {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    Long ledgerId;

    LedgerLine() {}

    LedgerLine(Long ledgerId) {
        this.ledgerId = ledgerId;
    }
}
