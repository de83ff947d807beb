package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresConfigTest {

    @Test
    void nothingIsTradedForSpeedByDefault() {
        assertThat(PostgresConfig.defaults().settings())
                .containsEntry("fsync", "on")
                .containsEntry("synchronous_commit", "on");
    }

    @Test
    void laterSettingReplacesTheEarlierOne() {
        PostgresConfig config = PostgresConfig.defaults().withTimeZone("Asia/Kathmandu");

        assertThat(config.withSetting("timezone", "UTC").settings()).containsEntry("timezone", "UTC");
        assertThat(config.settings()).containsEntry("timezone", "Asia/Kathmandu");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void impossiblePortIsRefused(int port) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresConfig.defaults().withPort(port))
                .withMessage("port is %d, must be 0 (a free one) to 65535", port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"on'", "$(id)", "`id`", "a\nb", "\"", "a\\", "%PATH%"})
    void valueThatMeansSomethingToAShellIsRefused(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresConfig.defaults().withSetting("search_path", value))
                .withMessageContaining("setting search_path is <" + value + ">");
    }

    @Test
    void nameThatIsNoSettingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresConfig.defaults().withSetting("fsync; id", "on"))
                .withMessageContaining("fsync; id");
    }
}
