package dev.dualwrite.relay.capture.sample;

import dev.dualwrite.spring.jpa.Captured;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToMany;
import java.util.HashSet;
import java.util.Set;

/** The other side of a many-to-many association: the courses are not in its own rows. */
@Entity
@Captured(sinks = "student")
public class Student {

    @Id
    public Integer id;

    public String name;

    @ManyToMany(mappedBy = "students")
    public Set<Course> courses = new HashSet<>();

    protected Student() {}

    public Student(Integer id) {
        this.id = id;
    }
}
