package dev.dualwrite.spring.jpa;

import jakarta.persistence.CascadeType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.DiscriminatorColumn;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapsId;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OneToOne;
import jakarta.persistence.SecondaryTable;
import jakarta.persistence.Version;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hibernate.annotations.SoftDelete;

/** Entities of awkward shapes. */
final class Shop {

    static final Class<?>[] ENTITIES = {
        Customer.class,
        Tag.class,
        Purchase.class,
        Line.class,
        Note.class,
        Vehicle.class,
        Car.class,
        Bike.class,
        Animal.class,
        Dog.class,
        Payment.class,
        Cash.class,
        Seat.class,
        Enrolment.class,
        Paper.class,
        Counter.class,
        Basket.class,
        Item.class,
        Passport.class,
        Plain.class
    };

    private Shop() {}

    @Embeddable
    static class Address {
        String street;

        Address() {}

        Address(String street) {
            this.street = street;
        }
    }

    @Entity(name = "Customer")
    @Captured
    @SecondaryTable(name = "customer_more")
    static class Customer {
        @Id
        Long id;

        String name;

        @Column(table = "customer_more")
        String remark;

        @Embedded
        Address address = new Address("first");

        @ElementCollection
        @CollectionTable(name = "customer_phone")
        Set<String> phones = new HashSet<>();

        @ElementCollection
        @CollectionTable(name = "customer_address")
        List<Address> others = new ArrayList<>();

        @ManyToMany
        Set<Tag> tags = new HashSet<>();

        Customer() {}

        Customer(long id) {
            this.id = id;
        }
    }

    @Entity(name = "Tag")
    static class Tag {
        @Id
        Long id;

        @ManyToMany(mappedBy = "tags")
        Set<Customer> customers = new HashSet<>();

        Tag() {}

        Tag(long id) {
            this.id = id;
        }
    }

    @Entity(name = "Purchase")
    @Captured(
            aggregate = "order",
            sinks = {"copy", "archive"})
    static class Purchase {
        @Id
        Long id;

        String state;

        @Version
        long version;

        @OneToMany(mappedBy = "purchase", cascade = CascadeType.ALL, orphanRemoval = true)
        List<Line> lines = new ArrayList<>();

        Purchase() {}

        Purchase(long id) {
            this.id = id;
        }

        Line add(long line) {
            var added = new Line(line, this);
            lines.add(added);
            return added;
        }
    }

    @Entity(name = "Line")
    @PartOf("purchase")
    static class Line {
        @Id
        Long id;

        int amount;

        @ManyToOne(fetch = FetchType.LAZY)
        Purchase purchase;

        @ElementCollection
        @CollectionTable(name = "line_option")
        Set<String> options = new HashSet<>();

        Line() {}

        Line(long id, Purchase purchase) {
            this.id = id;
            this.purchase = purchase;
        }
    }

    @Entity(name = "Note")
    @PartOf("line.purchase")
    static class Note {
        @Id
        Long id;

        String text;

        @ManyToOne(fetch = FetchType.LAZY)
        Line line;

        Note() {}

        Note(long id, Line line) {
            this.id = id;
            this.line = line;
        }
    }

    @Entity(name = "Vehicle")
    @Captured
    @Inheritance(strategy = InheritanceType.SINGLE_TABLE)
    @DiscriminatorColumn(name = "kind")
    static class Vehicle {
        @Id
        Long id;

        String name;
    }

    @Entity(name = "Car")
    static class Car extends Vehicle {
        Integer doors;
    }

    @Entity(name = "Bike")
    @Captured(aggregate = "bike")
    static class Bike extends Vehicle {}

    @Entity(name = "Animal")
    @Captured
    @Inheritance(strategy = InheritanceType.JOINED)
    abstract static class Animal {
        @Id
        Long id;
    }

    @Entity(name = "Dog")
    static class Dog extends Animal {
        String trick;
    }

    @Entity(name = "Payment")
    @Captured
    @Inheritance(strategy = InheritanceType.TABLE_PER_CLASS)
    abstract static class Payment {
        @Id
        Long id;

        int cents;
    }

    @Entity(name = "Cash")
    static class Cash extends Payment {}

    @Embeddable
    record SeatId(String line, int number) implements Serializable {}

    @Entity(name = "Seat")
    @Captured
    static class Seat {
        @EmbeddedId
        SeatId id;

        boolean taken;

        Seat() {}

        Seat(SeatId id) {
            this.id = id;
        }
    }

    record EnrolmentId(Long customer, String course) implements Serializable {}

    /** Captured itself, and a part by an association that is in its identifier. */
    @Entity(name = "Enrolment")
    @Captured
    @PartOf("customer")
    @IdClass(EnrolmentId.class)
    static class Enrolment {
        @Id
        @ManyToOne(fetch = FetchType.LAZY)
        Customer customer;

        @Id
        String course;

        int grade;

        Enrolment() {}

        Enrolment(Customer customer, String course) {
            this.customer = customer;
            this.course = course;
        }
    }

    @Entity(name = "Paper")
    @Captured
    @SoftDelete
    static class Paper {
        @Id
        Long id;

        String text;

        Paper() {}

        Paper(long id) {
            this.id = id;
        }
    }

    @Entity(name = "Counter")
    @Captured
    static class Counter {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;

        int value;
    }

    @Entity(name = "Basket")
    @Captured
    static class Basket {
        @Id
        Long id;

        @OneToMany(cascade = CascadeType.ALL, orphanRemoval = true)
        @JoinColumn(name = "basket_id")
        List<Item> items = new ArrayList<>();

        @OneToMany(mappedBy = "basket")
        Set<Plain> visits = new HashSet<>();

        Basket() {}

        Basket(long id) {
            this.id = id;
        }
    }

    /** Does not know its basket, which writes the key. */
    @Entity(name = "Item")
    static class Item {
        @Id
        Long id;

        Item() {}

        Item(long id) {
            this.id = id;
        }
    }

    @Entity(name = "Passport")
    @PartOf("customer")
    static class Passport {
        @Id
        Long id;

        String number;

        @OneToOne(fetch = FetchType.LAZY)
        @MapsId
        Customer customer;

        Passport() {}

        Passport(Customer customer) {
            this.customer = customer;
        }
    }

    @Entity(name = "Plain")
    static class Plain {
        @Id
        Long id;

        String text;

        @ManyToOne(fetch = FetchType.LAZY)
        Basket basket;

        Plain() {}

        Plain(long id) {
            this.id = id;
        }
    }
}
