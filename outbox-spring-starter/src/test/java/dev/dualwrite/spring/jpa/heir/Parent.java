package dev.dualwrite.spring.jpa.heir;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** An entity that other classes extend. */
@Entity
@Captured
public class Parent {
    @Id
    Long id;
}
