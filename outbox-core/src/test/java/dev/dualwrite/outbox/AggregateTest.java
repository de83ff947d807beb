package dev.dualwrite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AggregateTest {

    @Test
    void partsOfACompositeIdComeBack() {
        Aggregate line = Aggregate.of("order-line", 17L, "sku-1");

        assertThat(line.id()).isEqualTo("17|sku-1");
        assertThat(line.idParts()).containsExactly("17", "sku-1");
    }

    @Test
    void separatorAndEscapeInsideAPartAreEscaped() {
        Aggregate odd = Aggregate.of("t", "a|b", "c\\", "|");

        assertThat(odd.id()).isEqualTo("a\\|b|c\\\\|\\|");
        assertThat(odd.idParts()).containsExactly("a|b", "c\\", "|");
    }

    @Test
    void listsOfPartsThatDifferHaveIdsThatDiffer() {
        assertThat(Aggregate.of("t", "a", "b")).isNotEqualTo(Aggregate.of("t", "a|b"));
        assertThat(Aggregate.of("t", "a\\", "b")).isNotEqualTo(Aggregate.of("t", "a\\|b"));
        assertThat(Aggregate.of("t", "", "a")).isNotEqualTo(Aggregate.of("t", "a", ""));
    }

    @Test
    void anyPartsComeBackFromTheId() {
        long seed = Long.getLong("dualwrite.seed", 20261121L);
        var random = new Random(seed);
        for (int run = 0; run < 5_000; run++) {
            List<String> parts = randomParts(random);
            Object[] more = parts.subList(1, parts.size()).toArray();

            assertThat(Aggregate.of("t", parts.get(0) + "x", more).idParts())
                    .as("seed %d, run %d", seed, run)
                    .containsExactlyElementsOf(firstWithX(parts));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // type, id, first four bytes of SHA-256 over "type:id" mod 16 and mod 1024, worked out by another program
        "order,1,7,391",
        "order,42,13,13",
        "order-line,1|2,13,269",
        "customer,a\\|b,6,998",
        "Kunde,Müller,7,775",
        "注文,東京-7,5,533",
        "x,😀,11,699"
    })
    void shardIsTheSameInEveryVersion(String type, String id, int of16, int of1024) {
        var aggregate = new Aggregate(type, id);

        assertThat(aggregate.shard(16)).isEqualTo(of16);
        assertThat(aggregate.shard(1024)).isEqualTo(of1024);
        assertThat(aggregate.shard(1)).isZero();
    }

    @Test
    void shardsAreAboutEquallyFull() {
        int[] count = new int[16];
        for (int id = 0; id < 16_000; id++) {
            count[Aggregate.of("order", id).shard(16)]++;
        }

        assertThat(Arrays.stream(count).boxed()).allMatch(c -> c > 850 && c < 1150);
    }

    @Test
    void typeAndIdHaveLengthLimits() {
        assertThat(new Aggregate("t".repeat(100), "i".repeat(1000)).id()).hasSize(1000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aggregate("t".repeat(101), "1"))
                .withMessage("aggregate type has 101 characters, expected 1 to 100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aggregate("t", "i".repeat(1001)))
                .withMessage("aggregate id has 1001 characters, expected 1 to 1000");
        assertThatIllegalArgumentException().isThrownBy(() -> new Aggregate("", "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Aggregate("t", ""));
    }

    @Test
    void typeHasNoColonSinceTypeAndIdAreHashedAsOneText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aggregate("a:b", "1"))
                .withMessageContaining("'a:b'");
        assertThat(new Aggregate("a", "b:1").shard(16)).isBetween(0, 15);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\nb", "\t", "\u007f", "\u0085"})
    void controlCharactersAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Aggregate(text, "1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aggregate("t", text))
                .withMessage("aggregate id has a control character, expected none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc00", "\udc00\ud800", "😀\ud83d"})
    void halfOfASurrogatePairIsRefusedSinceEveryHalfWouldBeStoredAsOneQuestionMark(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Aggregate(text, "1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aggregate("t", text))
                .withMessage("aggregate id has half of a surrogate pair, expected whole characters");
    }

    @Test
    void nullIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> new Aggregate(null, "1"))
                .withMessage("type");
        assertThatNullPointerException()
                .isThrownBy(() -> new Aggregate("t", null))
                .withMessage("id");
        assertThatNullPointerException()
                .isThrownBy(() -> Aggregate.of("t", 1, (Object) null))
                .withMessage("part of the id");
    }

    private static List<String> randomParts(Random random) {
        var parts = new ArrayList<String>();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            var part = new StringBuilder();
            for (int length = random.nextInt(6); length > 0; length--) {
                part.append(pick(random));
            }
            parts.add(part.toString());
        }
        return parts;
    }

    private static String pick(Random random) {
        return List.of("|", "\\", "a", "b", "😀", ":").get(random.nextInt(6));
    }

    private static List<String> firstWithX(List<String> parts) {
        var expected = new ArrayList<>(parts);
        expected.set(0, parts.get(0) + "x");
        return expected;
    }
}
