package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import java.util.UUID;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.junit.jupiter.api.Test;

class HeldLanesTest {

    private static final SimpleLock LOCK = () -> {};

    private final Lane lane = new Lane((short) 1, 0, "copy/0");
    private final UUID relay = new UUID(1, 1);
    private final HeldLanes held = new HeldLanes();

    @Test
    void rightOfBeforeALaneWasLostAndTakenAnewIsNotTheOneItIsHeldBy() {
        var before = new LaneRight(lane, 1, relay);
        held.add(before, LOCK);
        held.remove(lane);

        held.add(new LaneRight(lane, 2, relay), LOCK);

        assertThat(held.isOf(before)).isFalse();
        assertThat(held.isOf(new LaneRight(lane, 2, relay))).isTrue();
    }
}
