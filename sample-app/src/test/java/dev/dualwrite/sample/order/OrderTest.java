package dev.dualwrite.sample.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.sample.Orders;
import dev.dualwrite.sample.order.OrderRequest.Line;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderTest {

    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00.123456789Z");
    private static final Line DEAREST = new Line("GOLD", 1_000_000, 1_000_000_000L);

    @Test
    void rootRowChangesWithEveryWriteAlsoWhenTheClockStandsStillOrGoesBack() {
        Order order = new Order(Orders.revision("Ada", 1), NOW);
        Instant created = order.updatedAt();
        order.replace(Orders.revision("Ada", 2), NOW);
        Instant replaced = order.updatedAt();
        order.replace(Orders.revision("Ada", 2), NOW.minusSeconds(3600));

        assertThat(created).isBefore(replaced);
        assertThat(replaced).isBefore(order.updatedAt());
    }

    @Test
    void timesAreNoFinerThanTheDatabaseKeepsThem() {
        Order order = new Order(Orders.revision("Ada", 1), NOW);
        order.replace(Orders.revision("Ada", 2), NOW.plusSeconds(1));

        assertThat(order.updatedAt()).isEqualTo("2026-11-21T08:00:01.123456Z");
    }

    @Test
    void linesAreReplacedInPlaceWhetherMoreOrFewer() {
        Order order = new Order(Orders.revision("Ada", 1), NOW);
        for (int revision : List.of(4, 2, 5, 0)) {
            List<OrderLine> before = List.copyOf(order.lines());

            order.replace(Orders.revision("Ada", revision), NOW);

            List<Line> wanted = Orders.revision("Ada", revision).lines();
            assertThat(order.lines())
                    .extracting(OrderLine::sku)
                    .isEqualTo(wanted.stream().map(Line::sku).toList());
            int kept = Math.min(before.size(), wanted.size());
            assertThat(order.lines().subList(0, kept)).isEqualTo(before.subList(0, kept));
        }
    }

    @Test
    void totalThatIsTooLargeIsRefusedEvenWhereEachLineIsAllowed() {
        OrderRequest request = new OrderRequest("Croesus", OrderStatus.NEW, Collections.nCopies(100, DEAREST));

        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> new Order(request, NOW))
                .withMessage("lines come to 100000000000000000 cents, at most 1000000000000 are allowed");
    }
}
