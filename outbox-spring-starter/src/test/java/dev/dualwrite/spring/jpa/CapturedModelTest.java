package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.OutboxConfigurationException;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OneToOne;
import jakarta.persistence.SecondaryTable;
import jakarta.persistence.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.annotations.Immutable;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.Test;

/** What annotations and properties make of a metamodel, and what they may not say. */
class CapturedModelTest {

    private static final CaptureProperties.Entity EMPTY =
            new CaptureProperties.Entity(null, List.of(), null, null, List.of());

    @Test
    void annotatedEntityIsTheRootOfAnAggregate() {
        try (Metamodel metamodel = Metamodel.of(PurchaseOrder.class, OrderLine.class, Note.class)) {
            CapturedModel model = metamodel.builder().build();

            CapturedRoot root = model.ofType("purchase-order");
            assertThat(root.entityName()).isEqualTo(PurchaseOrder.class.getName());
            assertThat(root.sinks()).containsExactly("copy");
            assertThat(root.kind()).isEqualTo(EntryKind.REFERENCE);
            assertThat(root.aggregate(7L)).hasToString("purchase-order:7");
            assertThat(model.partsOf(Note.class.getName())).singleElement().satisfies(part -> {
                assertThat(part.path()).containsExactly("line", "order");
                assertThat(part.root()).isSameAs(root);
            });
        }
    }

    @Test
    void tablesAreThoseOfEntitiesAndOfTheirCollections() {
        try (Metamodel metamodel = Metamodel.of(PurchaseOrder.class, OrderLine.class, Note.class, Plain.class)) {
            assertThat(metamodel.builder().build().tables())
                    .containsOnlyKeys(
                            "purchase_order", "order_extra", "order_tag", "order_plain", "sales.\"Line\"", "Note");
        }
    }

    @Test
    void entitiesBelowAreTheSameAggregateUnlessTheySayOtherwise() {
        try (Metamodel metamodel = Metamodel.of(Vehicle.class, Car.class, Truck.class)) {
            CapturedModel model = metamodel.builder().build();

            assertThat(model.roots())
                    .extracting(CapturedRoot::aggregateType)
                    .containsExactlyInAnyOrder("vehicle", "lorry");
            assertThat(model.rootOf(Car.class.getName())).isSameAs(model.ofType("vehicle"));
            assertThat(model.rootOf(Truck.class.getName())).isSameAs(model.ofType("lorry"));
            assertThat(model.tables()).containsOnlyKeys("Vehicle", "Car", "Truck");
        }
    }

    @Test
    void mappedSuperclassCapturesEachEntityBelowItAsATypeOfItsOwn() {
        try (Metamodel metamodel = Metamodel.of(Invoice.class, HTTPLog.class)) {
            assertThat(metamodel.builder().build().roots())
                    .extracting(CapturedRoot::aggregateType)
                    .containsExactlyInAnyOrder("invoice", "http-log");
        }
    }

    @Test
    void propertiesCaptureWhatIsNotAnnotatedAndWin() {
        try (Metamodel metamodel = Metamodel.of(PurchaseOrder.class, OrderLine.class, Note.class, Plain.class)) {
            CapturedModel model = metamodel
                    .builder(Map.of(
                            Plain.class.getName(),
                            new CaptureProperties.Entity("simple", List.of("archive"), null, null, List.of()),
                            "CapturedModelTest$PurchaseOrder",
                            new CaptureProperties.Entity("order", List.of(), null, null, List.of()),
                            "Note",
                            new CaptureProperties.Entity(null, List.of(), null, null, List.of("line.order"))))
                    .build();

            assertThat(model.ofType("simple").sinks()).containsExactly("archive");
            assertThat(model.ofType("order").sinks()).containsExactly("copy");
            assertThat(model.rootOf(Note.class.getName())).isNull();
        }
    }

    @Test
    void nothingIsCapturedWithoutBeingNamed() {
        try (Metamodel metamodel = Metamodel.of(Plain.class)) {
            CapturedModelBuilder builder = metamodel.builder();

            assertThat(builder.build().isEmpty()).isTrue();
            assertThat(builder.mistakes()).isEmpty();
        }
    }

    @Test
    void everyMistakeIsReportedWithItsNameAndCure() {
        try (Metamodel metamodel = Metamodel.of(
                BadSink.class,
                BadId.class,
                BadPath.class,
                BadHop.class,
                BadTarget.class,
                One.class,
                Two.class,
                Plain.class)) {
            CapturedModelBuilder builder = metamodel.builder(Map.of(
                    "Nobody", EMPTY, "Plain", new CaptureProperties.Entity("a:b", List.of(), null, null, List.of())));
            builder.build();

            assertThat(builder.mistakes())
                    .allSatisfy(mistake -> assertThat(mistake).contains(". Next: "))
                    .hasSize(7)
                    .anySatisfy(m -> assertThat(m).contains("BadSink", "'nowhere'", "[archive, copy]"))
                    .anySatisfy(m -> assertThat(m).contains("BadId", "no text form"))
                    .anySatisfy(m -> assertThat(m).contains("BadPath", "'missing'", "does not exist"))
                    .anySatisfy(m -> assertThat(m).contains("BadHop", "'id'", "no to-one"))
                    .anySatisfy(m -> assertThat(m).contains("BadTarget", "not captured"))
                    .anySatisfy(m -> assertThat(m).contains("One", "Two", "'same'"))
                    .anySatisfy(m -> assertThat(m).contains("Plain", "without ':'"));
            assertThat(builder.unknownNames()).isEqualTo(Set.of("Nobody"));
        }
    }

    @Test
    void wayOverAnEntityThatIsNoPartIsRefused() {
        try (Metamodel metamodel = Metamodel.of(Shelf.class, Box.class, Thing.class)) {
            CapturedModelBuilder builder = metamodel.builder();
            builder.build();

            assertThat(builder.mistakes())
                    .singleElement()
                    .asString()
                    .contains("Thing", "'box.shelf'", "Box on that way is no part", ". Next: ");
        }
    }

    @Test
    void snapshotOfSeveralRowsIsRefused() {
        try (Metamodel metamodel = Metamodel.of(
                WithTags.class,
                WithParts.class,
                PartOfParts.class,
                Dynamic.class,
                Split.class,
                Right.class,
                RightToo.class)) {
            CapturedModelBuilder builder = metamodel.builder();
            builder.build();

            assertThat(builder.mistakes())
                    .hasSize(4)
                    .allSatisfy(m -> assertThat(m).contains("by snapshots", ". Next: "))
                    .anySatisfy(m -> assertThat(m).contains("WithTags", "collections"))
                    .anySatisfy(m -> assertThat(m).contains("WithParts", "parts"))
                    .anySatisfy(m -> assertThat(m).contains("Dynamic", "@DynamicUpdate"))
                    .anySatisfy(m -> assertThat(m).contains("Split", "split_more"));
        }
    }

    @Test
    void uncapturedEntityOnACapturedTableIsRefused() {
        try (Metamodel metamodel =
                Metamodel.of(Parcel.class, ParcelLight.class, ParcelView.class, ParcelLabel.class, ParcelBin.class)) {
            CapturedModel model = metamodel.builder().build();

            assertThat(UncapturedWriters.mistakes(List.of(new JpaCapture.CapturedFactory(metamodel.factory(), model))))
                    .hasSize(3)
                    .allSatisfy(m -> assertThat(m).contains("Parcel", "not captured itself", ". Next: "))
                    .anySatisfy(m -> assertThat(m).contains("ParcelLight", "table parcel "))
                    .anySatisfy(m -> assertThat(m).contains("ParcelLabel", "table parcel_label "))
                    .anySatisfy(m -> assertThat(m).contains("ParcelBin", "table parcel_label "));
        }
    }

    @Test
    void uncapturedEntityOfAnotherFactoryIsRefusedToo() {
        try (Metamodel one = Metamodel.of(Parcel.class);
                Metamodel other = Metamodel.of(ParcelLight.class)) {
            assertThat(UncapturedWriters.mistakes(List.of(
                            new JpaCapture.CapturedFactory(
                                    one.factory(), one.builder().build()),
                            new JpaCapture.CapturedFactory(
                                    other.factory(), other.builder().build()))))
                    .singleElement()
                    .asString()
                    .contains("ParcelLight");
        }
    }

    @Test
    void uncapturedEntitiesOfTheSameHierarchyAreNot() {
        try (Metamodel metamodel = Metamodel.of(Tool.class, Saw.class)) {
            CapturedModel model = metamodel.builder().build();

            assertThat(UncapturedWriters.mistakes(List.of(new JpaCapture.CapturedFactory(metamodel.factory(), model))))
                    .isEmpty();
        }
    }

    @Test
    void partThatNoStateReachesIsRefusedUnlessTheServiceLoadsItsType() {
        try (Metamodel metamodel =
                Metamodel.of(House.class, Room.class, Attic.class, Window.class, Roof.class, Cellar.class)) {
            Map<SessionFactoryImplementor, CapturedModel> captured =
                    Map.of(metamodel.factory(), metamodel.builder().build());

            assertThatThrownBy(() -> StateWays.of(captured, Set.of(), Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(
                            OutboxConfigurationException.class,
                            e -> assertThat(e.mistakes())
                                    .hasSize(2)
                                    .allSatisfy(m -> assertThat(m).contains("in no state", "StateLoader", ". Next: "))
                                    .anySatisfy(m ->
                                            assertThat(m).contains("Window", "'room.house'", "mappedBy = \"room\""))
                                    .anySatisfy(m -> assertThat(m).contains("Cellar", "'house'")));
            assertThat(StateWays.of(captured, Set.of("house"), Duration.ofSeconds(10))
                            .aggregateTypes())
                    .isEmpty();
        }
    }

    @Entity(name = "House")
    @Captured
    static class House {
        @Id
        Long id;

        @OneToMany(mappedBy = "house")
        Set<Room> rooms;

        @OneToOne(mappedBy = "house")
        Roof roof;
    }

    @Entity(name = "Room")
    @PartOf("house")
    static class Room {
        @Id
        Long id;

        @ManyToOne
        House house;
    }

    @Entity(name = "Attic")
    static class Attic extends Room {}

    @Entity(name = "Window")
    @PartOf("room.house")
    static class Window {
        @Id
        Long id;

        @ManyToOne
        Room room;
    }

    @Entity(name = "Roof")
    @PartOf("house")
    static class Roof {
        @Id
        Long id;

        @OneToOne
        House house;
    }

    @Entity(name = "Cellar")
    @PartOf("house")
    static class Cellar {
        @Id
        Long id;

        @OneToOne
        House house;
    }

    @Entity(name = "Parcel")
    @Captured
    @Table(name = "parcel")
    static class Parcel {
        @Id
        Long id;

        @ElementCollection
        @jakarta.persistence.CollectionTable(name = "parcel_label")
        Set<String> labels;
    }

    @Entity(name = "ParcelLight")
    @Table(name = "PARCEL")
    static class ParcelLight {
        @Id
        Long id;
    }

    @Entity(name = "ParcelView")
    @Table(name = "parcel")
    @Immutable
    static class ParcelView {
        @Id
        Long id;
    }

    @Entity(name = "ParcelLabel")
    @Table(name = "parcel_label")
    static class ParcelLabel {
        @Id
        Long id;
    }

    @Entity(name = "ParcelBin")
    static class ParcelBin {
        @Id
        Long id;

        @ElementCollection
        @jakarta.persistence.CollectionTable(name = "parcel_label")
        Set<String> labels;
    }

    @Entity(name = "Tool")
    static class Tool {
        @Id
        Long id;
    }

    @Entity(name = "Saw")
    @Captured
    static class Saw extends Tool {}

    @Test
    void versionOfTheStateIsThatOfThePropertiesOrTheAnnotation() {
        try (Metamodel metamodel = Metamodel.of(Versioned.class)) {
            assertThat(metamodel.builder().build().ofType("versioned").version())
                    .isEqualTo(2);
            var three = new CaptureProperties.Entity(null, List.of(), null, 3, List.of());
            assertThat(metamodel
                            .builder(Map.of("Versioned", three))
                            .build()
                            .ofType("versioned")
                            .version())
                    .isEqualTo(3);
            var none = new CaptureProperties.Entity(null, List.of(), null, 0, List.of());
            CapturedModelBuilder builder = metamodel.builder(Map.of("Versioned", none));
            builder.build();
            assertThat(builder.mistakes())
                    .singleElement()
                    .asString()
                    .contains("Versioned", "version 0", "1 to 32767", ". Next: ");
        }
    }

    @Test
    void snapshotOfARowThatCanHideIsRefused() {
        try (Metamodel metamodel = Metamodel.of(Hiding.class)) {
            CapturedModelBuilder builder = metamodel.builder();
            builder.build();

            assertThat(builder.mistakes())
                    .singleElement()
                    .asString()
                    .contains("Hiding", "by snapshots", "@SQLRestriction", ". Next: ");
        }
    }

    @Entity
    @Captured(sinks = "copy")
    @Table(name = "purchase_order")
    @SecondaryTable(name = "order_extra")
    static class PurchaseOrder {
        @Id
        Long id;

        @jakarta.persistence.Column(table = "order_extra")
        String extra;

        @ElementCollection
        @jakarta.persistence.CollectionTable(name = "order_tag")
        Set<String> tags;

        @jakarta.persistence.OneToMany(mappedBy = "order")
        List<OrderLine> lines;

        @ManyToMany
        @jakarta.persistence.JoinTable(name = "order_plain")
        Set<Note> related;
    }

    @Entity
    @PartOf("order")
    @Table(schema = "sales", name = "`Line`")
    static class OrderLine {
        @Id
        Long id;

        @ManyToOne
        PurchaseOrder order;
    }

    @Entity(name = "Note")
    @PartOf("line.order")
    static class Note {
        @Id
        Long id;

        @ManyToOne
        OrderLine line;
    }

    @Entity(name = "Plain")
    static class Plain {
        @Id
        Long id;
    }

    @Entity(name = "Vehicle")
    @Captured
    @Inheritance(strategy = InheritanceType.JOINED)
    static class Vehicle {
        @Id
        Long id;
    }

    @Entity(name = "Car")
    static class Car extends Vehicle {}

    @Entity(name = "Truck")
    @Captured(aggregate = "lorry")
    static class Truck extends Vehicle {}

    @MappedSuperclass
    @Captured
    static class Base {
        @Id
        Long id;
    }

    @Entity(name = "Invoice")
    static class Invoice extends Base {}

    @Entity(name = "HTTPLog")
    static class HTTPLog extends Base {}

    @Entity
    @Captured(sinks = "nowhere")
    static class BadSink {
        @Id
        Long id;
    }

    @Entity
    @Captured
    static class BadId {
        @Id
        byte[] id;
    }

    @Entity
    @PartOf("missing")
    static class BadPath {
        @Id
        Long id;
    }

    @Entity
    @PartOf("id")
    static class BadHop {
        @Id
        Long id;
    }

    @Entity
    @PartOf("plain")
    static class BadTarget {
        @Id
        Long id;

        @ManyToOne
        BadHop plain;
    }

    @Entity
    @Captured(aggregate = "same")
    static class One {
        @Id
        Long id;
    }

    @Entity
    @Captured(aggregate = "same")
    static class Two {
        @Id
        Long id;
    }

    @Entity
    @Captured
    static class Shelf {
        @Id
        Long id;
    }

    @Entity
    static class Box {
        @Id
        Long id;

        @ManyToOne
        Shelf shelf;
    }

    @Entity
    @PartOf("box.shelf")
    static class Thing {
        @Id
        Long id;

        @ManyToOne
        Box box;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    static class WithTags {
        @Id
        Long id;

        @jakarta.persistence.Version
        int version;

        @ElementCollection
        Set<String> tags;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    static class WithParts {
        @Id
        Long id;

        @jakarta.persistence.Version
        int version;
    }

    @Entity
    @PartOf("whole")
    static class PartOfParts {
        @Id
        Long id;

        @ManyToOne
        WithParts whole;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    @org.hibernate.annotations.DynamicUpdate
    static class Dynamic {
        @Id
        Long id;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    @SecondaryTable(name = "split_more")
    static class Split {
        @Id
        Long id;

        @jakarta.persistence.Column(table = "split_more")
        String more;
    }

    @Entity(name = "Versioned")
    @Captured(version = 2)
    static class Versioned {
        @Id
        Long id;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    @org.hibernate.annotations.SQLRestriction("not removed")
    static class Hiding {
        @Id
        Long id;

        boolean removed;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    static class Right {
        @Id
        Long id;

        @ManyToOne
        Dynamic other;
    }

    @Entity
    @Captured(entry = EntryKind.SNAPSHOT)
    @org.hibernate.annotations.DynamicUpdate
    static class RightToo {
        @Id
        Long id;

        @jakarta.persistence.Version
        int version;
    }
}
