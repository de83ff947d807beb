package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderColumn;
import java.util.ArrayList;
import java.util.List;

/** A one-to-many association that only it knows, in a table of its own, with an order. */
@Entity
@Captured(sinks = "album")
public class Album {

    @Id
    public Integer id;

    public String title;

    @OneToMany(cascade = CascadeType.ALL, orphanRemoval = true)
    @OrderColumn(name = "place")
    public List<Track> tracks = new ArrayList<>();

    protected Album() {}

    public Album(Integer id) {
        this.id = id;
    }
}
