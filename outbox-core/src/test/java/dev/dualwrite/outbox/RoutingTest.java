package dev.dualwrite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.dualwrite.outbox.Routing.AggregateRule;
import dev.dualwrite.outbox.Routing.Ordering;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoutingTest {

    private static final Map<String, Short> SINKS = Map.of("copy", (short) 1, "search", (short) 2, "cache", (short) 3);
    private static final OutboxEntry ORDER = OutboxEntry.delete(new Aggregate("order", "1"));

    @Test
    void entrySinksWinOverThoseOfItsTypeAndTheDefault() {
        Routing routing = new Routing(SINKS, Set.of("copy"), rule(Set.of("search"), Ordering.ROW));

        assertThat(routing.sinksOf(ORDER.to("cache"))).containsExactly("cache");
        assertThat(routing.sinksOf(ORDER)).containsExactly("search");
        assertThat(routing.sinksOf(OutboxEntry.delete(new Aggregate("customer", "1"))))
                .containsExactly("copy");
    }

    @Test
    void ruleWithoutSinksLeavesThemToTheDefault() {
        Routing routing = new Routing(SINKS, Set.of("copy"), rule(Set.of(), Ordering.LOCK));

        assertThat(routing.sinksOf(ORDER)).containsExactly("copy");
    }

    @Test
    void sinksComeInTheOrderOfTheirNamesSoThatNumbersAreDrawnInOneOrder() {
        Routing routing = new Routing(SINKS, Set.of(), Map.of());

        assertThat(routing.sinksOf(ORDER.to("search", "copy", "cache"))).containsExactly("cache", "copy", "search");
    }

    @Test
    void unknownSinkIsRefusedWithTheKnownOnes() {
        Routing routing = new Routing(SINKS, Set.of(), Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> routing.sinksOf(ORDER.to("copi")))
                .withMessageContaining("'copi'")
                .withMessageContaining("[cache, copy, search]")
                .withMessageContaining("dualwrite.sinks.copi");
    }

    @Test
    void entryWithoutAnySinkIsRefusedWithTheWaysToNameOne() {
        Routing routing = new Routing(Map.of(), Set.of(), Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> routing.sinksOf(ORDER))
                .withMessageContaining("known sinks are []")
                .withMessageContaining("dualwrite.outbox.sinks")
                .withMessageContaining("dualwrite.aggregates.order.sinks");
    }

    @Test
    void orderingIsByRowUnlessTheTypeAsksForALock() {
        Routing routing = new Routing(SINKS, Set.of(), rule(Set.of(), Ordering.LOCK));

        assertThat(routing.orderingOf("order")).isEqualTo(Ordering.LOCK);
        assertThat(routing.orderingOf("customer")).isEqualTo(Ordering.ROW);
    }

    @Test
    void laterChangeOfTheMapsThatItWasMadeOfDoesNotReachIt() {
        var sinks = new HashMap<>(SINKS);
        Routing routing = new Routing(sinks, Set.of("copy"), Map.of());

        sinks.clear();

        assertThat(routing.sinksOf(ORDER)).containsExactly("copy");
    }

    private static Map<String, AggregateRule> rule(Set<String> sinks, Ordering ordering) {
        return Map.of("order", new AggregateRule(sinks, ordering));
    }
}
