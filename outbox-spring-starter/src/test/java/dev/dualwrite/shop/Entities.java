package dev.dualwrite.shop;

import dev.dualwrite.spring.jpa.Captured;
import dev.dualwrite.spring.jpa.PartOf;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.JoinTable;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.PostPersist;
import jakarta.persistence.SecondaryTable;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.annotations.SoftDelete;

/** Entities of every shape that Hibernate writes in another way. */
final class Entities {

    private Entities() {}

    /** A root with children and collections, and a number of the database's. */
    @Entity(name = "Order")
    @Captured
    @Table(name = "orders")
    static class Order {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;

        @Version
        int version;

        String status;

        @Embedded
        Address address;

        @OneToMany(mappedBy = "order", cascade = CascadeType.ALL, orphanRemoval = true)
        List<Line> lines = new ArrayList<>();

        @ElementCollection
        Set<String> tags = new HashSet<>();

        @ElementCollection
        @OrderColumn
        List<Address> stops = new ArrayList<>();

        @ElementCollection
        @MapKeyColumn(name = "name")
        Map<String, String> notes = new HashMap<>();

        @ManyToMany
        @JoinTable(name = "orders_label")
        Set<Label> labels = new HashSet<>();

        @OneToMany(cascade = CascadeType.ALL)
        @OrderColumn
        @JoinTable(name = "orders_ranked")
        List<Label> ranked = new ArrayList<>();

        protected Order() {}

        Order(String status) {
            this.status = status;
        }
    }

    /** An embeddable. */
    @Embeddable
    static class Address {
        String city;

        protected Address() {}

        Address(String city) {
            this.city = city;
        }
    }

    /** A child, with a number of a sequence. */
    @Entity(name = "Line")
    @PartOf("order")
    @Table(name = "line")
    static class Line {
        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE)
        Long id;

        int quantity;

        @ManyToOne
        Order order;

        protected Line() {}

        Line(Order order, int quantity) {
            this.order = order;
            this.quantity = quantity;
        }
    }

    /** An assigned id. */
    @Entity(name = "Label")
    @Captured
    @Table(name = "label")
    static class Label {
        @Id
        String id;

        String text;

        @Transient
        Runnable whenInserted = () -> {};

        protected Label() {}

        Label(String id) {
            this.id = id;
        }

        @PostPersist
        void inserted() {
            whenInserted.run();
        }
    }

    /** A row that stays when its entity is removed. */
    @Entity(name = "Article")
    @Captured
    @Table(name = "article")
    @SoftDelete
    static class Article {
        @Id
        String id;

        @ElementCollection
        Set<String> words = new HashSet<>();

        protected Article() {}

        Article(String id) {
            this.id = id;
        }
    }

    /** Two tables; the row of the second one may be missing. */
    @Entity(name = "Customer")
    @Captured
    @Table(name = "customer")
    @SecondaryTable(name = "customer_note")
    static class Customer {
        @Id
        String id;

        @Column(table = "customer_note")
        String note;

        protected Customer() {}

        Customer(String id) {
            this.id = id;
        }
    }

    /** The table of the superclass. */
    @Entity(name = "Payment")
    @Captured
    @Table(name = "payment")
    @Inheritance(strategy = InheritanceType.JOINED)
    static class Payment {
        @Id
        String id;

        int amount;

        protected Payment() {}
    }

    /** The table of the subclass. */
    @Entity(name = "CardPayment")
    @Table(name = "card_payment")
    static class CardPayment extends Payment {
        String card;

        protected CardPayment() {}

        CardPayment(String id) {
            this.id = id;
        }
    }

    /** A table whose name needs quotes, in a schema that is not on the search path. */
    @Entity(name = "Parcel")
    @Captured
    @Table(schema = "depot", name = "\"Big Parcels\"")
    static class Parcel {
        @Id
        String id;

        int weight;

        protected Parcel() {}

        Parcel(String id) {
            this.id = id;
        }
    }
}
