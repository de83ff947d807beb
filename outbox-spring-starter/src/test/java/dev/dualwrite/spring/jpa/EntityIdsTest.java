package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.dualwrite.outbox.Aggregate;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Convert;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapsId;
import jakarta.persistence.OneToOne;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** From identifiers to ids of aggregates and back. */
class EntityIdsTest {

    @Test
    void basicValueIsOnePartAndComesBack() {
        comesBack(OfLong.class, 42L, "42");
        comesBack(OfLong.class, -1L, "-1");
        comesBack(OfText.class, "a|b\\c, \"ü\uD83D\uDE00", "a|b\\c, \"ü\uD83D\uDE00");
        comesBack(
                OfUuid.class,
                UUID.fromString("6f0b2c9e-3b0a-4f57-9d2a-0f2f6d1b7a11"),
                "6f0b2c9e-3b0a-4f57-9d2a-0f2f6d1b7a11");
        comesBack(OfDate.class, LocalDate.of(2024, 2, 29), "2024-02-29");
        comesBack(OfInstant.class, Instant.parse("2024-02-29T12:00:00.123456Z"), "2024-02-29T12:00:00.123456Z");
        comesBack(OfEnum.class, Colour.RED, "RED");
        comesBack(OfEnumText.class, Colour.BLUE, "BLUE");
    }

    @Test
    void equalNumbersHaveOneText() {
        try (Metamodel metamodel = Metamodel.of(OfNumber.class)) {
            EntityIds ids = EntityIds.of(metamodel.persister(OfNumber.class));

            assertThat(ids.parts(new BigDecimal("10"))).containsExactly("10");
            assertThat(ids.parts(new BigDecimal("10.00"))).containsExactly("10");
            assertThat(ids.identifier(ids.parts(new BigDecimal("0.50")))).isEqualTo(new BigDecimal("0.5"));
        }
    }

    @Test
    void partsOfAnEmbeddedIdStandInTheOrderOfTheirColumns() {
        comesBack(OfEmbedded.class, new Key("z", 1, new Inner(true, 'x')), "x", "true", "1", "z");
        comesBack(OfRecord.class, new RecordKey(7, LocalDate.of(2024, 1, 2), "b"), "b", "2024-01-02", "7");
    }

    @Test
    void partsOfAnIdClassStandInTheOrderOfTheirColumns() {
        comesBack(OfClass.class, new ClassKey("b", 2L), "b", "2");
        comesBack(OfRecordClass.class, new RecordKey(7, LocalDate.of(2024, 1, 2), "b"), "b", "2024-01-02", "7");
    }

    @Test
    void renamedAttributeLeavesTheIdAsItIs() {
        comesBack(OfRenamed.class, new RenamedKey(1, 2), "2", "1");
    }

    @jakarta.persistence.Embeddable
    record RenamedKey(
            @jakarta.persistence.Column(name = "\"Zone\"") int area,
            @jakarta.persistence.Column(name = "area") int zone)
            implements java.io.Serializable {}

    @Entity
    static class OfRenamed {
        @jakarta.persistence.EmbeddedId
        RenamedKey id;
    }

    @Test
    void derivedIdentifierIsMadeOfThatOfItsOwner() {
        try (Metamodel metamodel =
                Metamodel.of(OfRecord.class, Derived.class, DerivedEmbedded.class, DerivedPart.class, OfLong.class)) {
            EntityIds one = EntityIds.of(metamodel.persister(Derived.class));
            EntityIds embedded = EntityIds.of(metamodel.persister(DerivedEmbedded.class));
            EntityIds part = EntityIds.of(metamodel.persister(DerivedPart.class));

            assertThat(one.identifier(one.parts(5L))).isEqualTo(5L);
            assertThat(embedded.names()).containsExactly("line", "owner.a", "owner.b", "owner.c");
            var id = new DerivedKey(new RecordKey(7, LocalDate.of(2024, 1, 2), "b"), 9);
            assertThat(embedded.identifier(embedded.parts(id))).isEqualTo(id);
            assertThat(part.names()).containsExactly("line", "owner");
            assertThat(part.identifier(List.of("3", "4"))).isEqualTo(new PartKey(4L, 3));
        }
    }

    @Test
    void valueBehindAConverterHasTheTextOfWhatIsStored() {
        comesBack(OfConverted.class, new ConvertedKey(new OrderNumber(17)), "17");
    }

    @Test
    void compositeIdIsOneAggregate() {
        try (Metamodel metamodel = Metamodel.of(OfClass.class)) {
            EntityIds ids = EntityIds.of(metamodel.persister(OfClass.class));

            Aggregate aggregate = ids.aggregate("order", new ClassKey("a|b", 2L));

            assertThat(aggregate).isEqualTo(new Aggregate("order", "a\\|b|2"));
            assertThat(ids.identifier(aggregate.idParts())).isEqualTo(new ClassKey("a|b", 2L));
        }
    }

    @Test
    void idWithoutTextFormIsRefused() {
        try (Metamodel metamodel = Metamodel.of(OfBytes.class, OfNothing.class, OfLong.class)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EntityIds.of(metamodel.persister(OfBytes.class)))
                    .withMessageContaining("byte[]")
                    .withMessageContaining(". Next: ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EntityIds.of(metamodel.persister(OfNothing.class)))
                    .withMessageContaining(". Next: ");
        }
    }

    @Test
    void nullInsideOfAnIdentifierIsNamed() {
        try (Metamodel metamodel = Metamodel.of(OfClass.class)) {
            EntityIds ids = EntityIds.of(metamodel.persister(OfClass.class));

            assertThatIllegalStateException()
                    .isThrownBy(() -> ids.parts(new ClassKey(null, 2L)))
                    .withMessageContaining("'alpha'");
        }
    }

    @Test
    void otherNumberOfPartsIsRefused() {
        try (Metamodel metamodel = Metamodel.of(OfClass.class)) {
            EntityIds ids = EntityIds.of(metamodel.persister(OfClass.class));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ids.identifier(List.of("1")))
                    .withMessageContaining("expected 2 (alpha, beta)");
        }
    }

    private static void comesBack(Class<?> entity, Object identifier, String... parts) {
        try (Metamodel metamodel = Metamodel.of(entity)) {
            EntityIds ids = EntityIds.of(metamodel.persister(entity));

            assertThat(ids.parts(identifier)).containsExactly(parts);
            assertThat(ids.identifier(List.of(parts))).isEqualTo(identifier);
        }
    }

    enum Colour {
        RED,
        BLUE
    }

    record OrderNumber(int number) {}

    @jakarta.persistence.Converter
    static class OrderNumbers implements AttributeConverter<OrderNumber, Integer> {
        @Override
        public Integer convertToDatabaseColumn(OrderNumber value) {
            return value == null ? null : value.number();
        }

        @Override
        public OrderNumber convertToEntityAttribute(Integer stored) {
            return stored == null ? null : new OrderNumber(stored);
        }
    }

    @Entity
    static class OfLong {
        @Id
        long id;
    }

    @Entity
    static class OfText {
        @Id
        String id;
    }

    @Entity
    static class OfUuid {
        @Id
        UUID id;
    }

    @Entity
    static class OfDate {
        @Id
        LocalDate id;
    }

    @Entity
    static class OfInstant {
        @Id
        Instant id;
    }

    @Entity
    static class OfEnum {
        @Id
        Colour id;
    }

    @Entity
    static class OfEnumText {
        @Id
        @Enumerated(EnumType.STRING)
        Colour id;
    }

    @Entity
    static class OfNumber {
        @Id
        BigDecimal id;
    }

    @Entity
    static class OfBytes {
        @Id
        byte[] id;
    }

    // Several attributes and no class of their own.
    @Entity
    static class OfNothing implements Serializable {
        @Id
        long one;

        @Id
        @ManyToOne
        OfLong two;
    }

    @Embeddable
    record Inner(boolean flag, char a) {}

    @Embeddable
    record Key(String zeta, int beta, Inner alpha) implements Serializable {}

    @Entity
    static class OfEmbedded {
        @EmbeddedId
        Key id;
    }

    @Embeddable
    record RecordKey(int c, LocalDate b, String a) {}

    @Embeddable
    record ConvertedKey(
            @Convert(converter = OrderNumbers.class) OrderNumber number) {}

    @Entity
    static class OfConverted {
        @EmbeddedId
        ConvertedKey id;
    }

    @Entity
    static class OfRecord {
        @EmbeddedId
        RecordKey id;
    }

    @Entity
    @IdClass(RecordKey.class)
    static class OfRecordClass {
        @Id
        int c;

        @Id
        String a;

        @Id
        LocalDate b;
    }

    record ClassKey(String alpha, Long beta) implements Serializable {}

    @Entity
    @IdClass(ClassKey.class)
    static class OfClass {
        @Id
        Long beta;

        @Id
        String alpha;
    }

    @Entity
    static class Derived {
        @Id
        Long id;

        @OneToOne
        @MapsId
        OfLong owner;
    }

    @Embeddable
    record DerivedKey(RecordKey owner, int line) implements Serializable {}

    @Entity
    static class DerivedEmbedded {
        @EmbeddedId
        DerivedKey id;

        @ManyToOne
        @MapsId("owner")
        OfRecord owner;
    }

    record PartKey(Long owner, int line) implements Serializable {}

    @Entity
    @IdClass(PartKey.class)
    static class DerivedPart {
        @Id
        @ManyToOne
        OfLong owner;

        @Id
        int line;
    }
}
