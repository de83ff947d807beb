package dev.dualwrite.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class PayloadTreeTest {

    @Test
    void everyNumberBecomesADecimalWithItsDigits() {
        List<Object> numbers =
                List.of(1, 2L, (short) 3, (byte) 4, 0.1f, 0.1d, new BigDecimal("1.10"), BigInteger.TEN.pow(30));

        assertThat(PayloadTree.copy(numbers))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .containsExactly(
                        new BigDecimal("1"),
                        new BigDecimal("2"),
                        new BigDecimal("3"),
                        new BigDecimal("4"),
                        new BigDecimal("0.1"),
                        new BigDecimal("0.1"),
                        new BigDecimal("1.10"),
                        new BigDecimal(BigInteger.TEN.pow(30)));
    }

    @Test
    void copyKeepsTheOrderAndSharesNothingThatCanChange() {
        var inner = new LinkedHashMap<String, Object>(Map.of("x", "y"));
        var tree = new LinkedHashMap<String, Object>();
        tree.put("z", inner);
        tree.put("a", new ArrayList<>(Arrays.asList(true, null)));

        Map<String, Object> copy = PayloadTree.copyObject(tree);
        inner.put("x", "changed");

        assertThat(copy.keySet()).containsExactly("z", "a");
        assertThat(copy).containsEntry("z", Map.of("x", "y")).containsEntry("a", Arrays.asList(true, null));
    }

    @Test
    void whatJsonCannotSayIsRefusedByItsPlaceAndClass() {
        Map<String, Object> tree = Map.of("lines", List.of(Map.of("due", LocalDate.EPOCH)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PayloadTree.copy(tree))
                .withMessage("the value at '/lines/0/due' is a java.time.LocalDate, expected a Map with String keys, a"
                        + " List, a String, a number, a Boolean or null");
        assertThatIllegalArgumentException().isThrownBy(() -> PayloadTree.copy(Map.of("x", Double.NaN)));
        assertThatIllegalArgumentException().isThrownBy(() -> PayloadTree.copy(Map.of(1, "x")));
    }

    @Test
    void treeThatHoldsItselfIsRefused() {
        var tree = new ArrayList<Object>();
        tree.add(tree);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PayloadTree.copy(tree))
                .withMessageContaining("1000 levels deep");
    }
}
