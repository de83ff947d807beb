package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LookAlikesTest {

    @Test
    void nearestNamesComeFirstAndFarOnesNotAtAll() {
        assertThat(LookAlikes.of("order_copy", Stream.of("invoice", "orders_copies", "orders_copy", "OrderCopy", "t")))
                .containsExactly("OrderCopy", "orders_copy");
    }

    @Test
    void noMoreThanThreeAreShown() {
        assertThat(LookAlikes.of("abc", Stream.of("abd", "abe", "abf", "abg"))).containsExactly("abd", "abe", "abf");
    }
}
