package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** What is remembered of statements. */
class SeenTextsTest {

    private final ArrayList<String> looked = new ArrayList<>();
    private final SeenTexts<String> texts = new SeenTexts<>(text -> {
        looked.add(text);
        return text + "!";
    });

    @Test
    void textIsLookedAtOnce() {
        assertThat(texts.get("a")).isEqualTo(texts.get("a")).isEqualTo("a!");

        assertThat(looked).containsExactly("a");
    }

    @Test
    void textInUseStaysWhileOthersWashThrough() {
        for (int i = 0; i < 20 * SeenTexts.MOST_TEXTS; i++) {
            texts.get("once " + i);
            texts.get("often");
        }

        assertThat(looked).filteredOn("often"::equals).hasSize(1);
        assertThat(texts.size()).isLessThanOrEqualTo(2 * SeenTexts.MOST_TEXTS);
    }

    @Test
    void wideStatementIsLookedAtOnce() {
        String wide = "select " + "column, ".repeat(2_000);

        texts.get(wide);
        texts.get(wide);

        assertThat(looked).hasSize(1);
    }

    @Test
    void keptTextsAreBoundedByTheirLengthToo() {
        String wide = "x".repeat(SeenTexts.LONGEST_TEXT - 10);
        int fit = SeenTexts.MOST_CHARACTERS / SeenTexts.LONGEST_TEXT;

        for (int i = 0; i < 5 * fit; i++) {
            texts.get(wide + i);
        }

        assertThat(texts.size()).isBetween(fit, 2 * fit);
    }

    @Test
    void textOfManyValuesIsNotKept() {
        String text = "x".repeat(SeenTexts.LONGEST_TEXT + 1);

        texts.get(text);

        assertThat(texts.size()).isZero();
    }

    @Test
    void onceIsBounded() {
        var places = new Places();

        assertThat(places.isNew("a")).isTrue();
        assertThat(places.isNew("a")).isFalse();
        for (int i = 1; i < Places.MOST; i++) {
            assertThat(places.isNew("place " + i)).isTrue();
        }
        assertThat(places.isNew("one more")).isFalse();
    }
}
