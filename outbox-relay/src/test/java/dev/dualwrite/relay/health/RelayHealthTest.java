package dev.dualwrite.relay.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.RelayStatus;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** When a process must be started again. */
class RelayHealthTest {

    @Test
    void relayThatWorksIsUp() {
        Health health = health(Map.of("first", relay(16, false)));

        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails()).containsEntry("first", Map.of("broken", false, "lanesHeld", 16));
    }

    @Test
    void relayWhoseSinkIsDownIsUp() {
        var tripped = new RelayStatus(new UUID(0, 1), 16, 0, 0, 0, Map.of("copy", "connection refused"), false);

        assertThat(health(Map.of("first", tripped)).getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void oneBrokenRelayOfManyIsDown() {
        Health health = health(Map.of("first", relay(16, false), "billing", relay(0, true)));

        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails()).containsEntry("billing", Map.of("broken", true, "lanesHeld", 0));
    }

    private static Health health(Map<String, RelayStatus> relays) {
        return new RelayHealth(() -> relays).health();
    }

    private static RelayStatus relay(int lanes, boolean broken) {
        return new RelayStatus(new UUID(0, 1), lanes, 0, 0, 0, Map.of(), broken);
    }
}
