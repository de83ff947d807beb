package dev.dualwrite.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.sample.order.OrderRequest;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderGeneratorTest {

    @Test
    void sameSeedGivesTheSameOrder() {
        assertThat(order(42)).isEqualTo(order(42)).isNotEqualTo(order(43));
    }

    @Test
    void everyOrderIsOneThatTheServiceTakes() {
        List<OrderRequest> orders =
                IntStream.range(0, 1000).mapToObj(OrderGeneratorTest::order).toList();

        try (ValidatorFactory factory = Validation.buildDefaultValidatorFactory()) {
            Validator validator = factory.getValidator();
            assertThat(orders)
                    .allSatisfy(order -> assertThat(validator.validate(order)).isEmpty());
        }
        assertThat(orders).extracting(order -> order.lines().size()).contains(1, 2, 3, 4, 5, 6);
    }

    private static OrderRequest order(int seed) {
        return new OrderGenerator(new SplittableRandom(seed)).any();
    }
}
