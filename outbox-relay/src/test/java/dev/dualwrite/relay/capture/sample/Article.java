package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.hibernate.annotations.SoftDelete;

/** Rows that are marked, not deleted. */
@Entity
@SoftDelete
@Captured(sinks = "article")
public class Article {

    @Id
    public Integer id;

    @Version
    public int version;

    public String title;

    protected Article() {}

    public Article(Integer id) {
        this.id = id;
    }
}
