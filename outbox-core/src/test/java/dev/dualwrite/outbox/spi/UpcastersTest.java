package dev.dualwrite.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.dualwrite.outbox.spi.Upcasters.TypeVersion;
import dev.dualwrite.outbox.spi.Upcasters.UpcastException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UpcastersTest {

    @Test
    void chainLeadsToTheNewestVersion() throws UpcastException {
        var upcasters = new Upcasters(List.of(step("order", 2), step("order", 1)));
        var first = new TypeVersion("order", 1);

        assertThat(upcasters.newest(first)).isEqualTo(new TypeVersion("order", 3));
        assertThat(upcasters.upcast(first, new HashMap<>()))
                .containsEntry("from1", BigDecimal.ONE)
                .containsEntry("from2", BigDecimal.ONE);
        assertThat(upcasters.newestVersions()).isEqualTo(Map.of("order", 3));
    }

    @Test
    void stepMayRenameThePayloadType() {
        var upcasters = new Upcasters(List.of(new Step("order", 1, "purchase"), step("purchase", 2)));

        assertThat(upcasters.newest(new TypeVersion("order", 1))).isEqualTo(new TypeVersion("purchase", 3));
        assertThat(upcasters.newestVersions()).isEqualTo(Map.of("order", 1, "purchase", 3));
    }

    @Test
    void otherTypesAndNewerVersionsStayAsTheyAre() {
        var upcasters = new Upcasters(List.of(step("order", 1)));

        assertThat(upcasters.newest(new TypeVersion("order", 7))).isEqualTo(new TypeVersion("order", 7));
        assertThat(upcasters.newest(new TypeVersion("refund", 1))).isEqualTo(new TypeVersion("refund", 1));
        assertThat(upcasters.beginsAfter(new TypeVersion("order", 2))).isFalse();
    }

    @Test
    void versionOlderThanTheChainIsSeen() {
        var upcasters = new Upcasters(List.of(step("order", 2)));

        assertThat(upcasters.beginsAfter(new TypeVersion("order", 1))).isTrue();
    }

    @Test
    void everyMistakeIsFoundAtOnce() {
        List<String> mistakes = Upcasters.mistakes(
                List.of(step("order", 1), step("order", 3), step("refund", 1), step("refund", 1), step("item", 0)));

        assertThat(mistakes)
                .hasSize(3)
                .anySatisfy(m -> assertThat(m)
                        .isEqualTo(
                                "upcasters lead from payload type 'order' version 1 to version 2, and there is one from"
                                        + " version 3, but none from 'order' version 2. Next: declare an Upcaster bean from"
                                        + " 'order' version 2"))
                .anySatisfy(m -> assertThat(m).contains("both take payload type 'refund' version 1. Next: "))
                .anySatisfy(m -> assertThat(m).contains("takes payload type 'item' version 0, expected version 1 to"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Upcasters(List.of(step("order", 1), step("order", 3))));
    }

    @Test
    void failureNamesTheStepAndNotThePayload() {
        Upcaster failing = new Upcaster() {
            @Override
            public String payloadType() {
                return "order";
            }

            @Override
            public int fromVersion() {
                return 1;
            }

            @Override
            public Map<String, Object> upcast(Map<String, Object> payload) {
                throw new NumberFormatException("For input string: " + payload.get("card"));
            }
        };

        assertThatExceptionOfType(UpcastException.class)
                .isThrownBy(() -> new Upcasters(List.of(failing))
                        .upcast(new TypeVersion("order", 1), new HashMap<>(Map.of("card", "s3cret"))))
                .withMessageContaining("failed on payload type 'order' version 1: java.lang.NumberFormatException at "
                        + failing.getClass().getName() + ".upcast:")
                .withMessageNotContaining("s3cret");
    }

    private static Upcaster step(String type, int from) {
        return new Step(type, from, type);
    }

    private record Step(String payloadType, int fromVersion, String toPayloadType) implements Upcaster {
        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            payload.put("from" + fromVersion, 1);
            return payload;
        }
    }
}
