package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToMany;
import java.util.HashSet;
import java.util.Set;

/** The owner of a many-to-many association. */
@Entity
@Captured(sinks = "course")
public class Course {

    @Id
    public Integer id;

    public String title;

    @ManyToMany
    public Set<Student> students = new HashSet<>();

    protected Course() {}

    public Course(Integer id) {
        this.id = id;
    }
}
