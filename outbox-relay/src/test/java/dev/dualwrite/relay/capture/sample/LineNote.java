package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.PartOf;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;

/** A grandchild. */
@Entity
@PartOf("line.order")
public class LineNote {

    @Id
    @GeneratedValue
    public Long id;

    public String text;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    public OrderLine line;

    protected LineNote() {}

    public LineNote(OrderLine line, String text) {
        this.line = line;
        this.text = text;
    }
}
