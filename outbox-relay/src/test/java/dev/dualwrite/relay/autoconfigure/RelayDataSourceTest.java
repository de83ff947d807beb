package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How many connections of its own a relay opens at most. */
class RelayDataSourceTest {

    private static final List<String> ALONE = List.of("claim", "lease", "listen", "partitions", "retention");

    @Test
    void noThreadWaitsForAConnection() {
        assertThat(RelayDataSource.connections(0, 4)).isEqualTo(ALONE.size());
        assertThat(RelayDataSource.connections(3, 4)).isEqualTo(ALONE.size() + 3 * 4 + 3 * 4);
    }
}
