package dev.dualwrite.spring.bypass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a bypass is allowed, and to whom. */
class CaptureBypassTest {

    private final CaptureBypass bypass = new CaptureBypass();

    @Test
    void holdsUntilTheOutermostCallReturns() {
        List<Boolean> on = new ArrayList<>();

        on.add(bypass.isOn());
        bypass.run("outer", () -> {
            on.add(bypass.isOn());
            on.add(bypass.call("inner", bypass::isOn));
            on.add(bypass.isOn());
        });
        on.add(bypass.isOn());

        assertThat(on).containsExactly(false, true, true, true, false);
    }

    @Test
    void anotherThreadIsNotAllowed() throws InterruptedException {
        List<Boolean> on = new ArrayList<>();
        Thread other = new Thread(() -> on.add(bypass.isOn()));

        bypass.run("here only", () -> {
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(on).containsExactly(false);
    }

    @Test
    void reasonMustBeGiven() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bypass.run(" ", () -> {}))
                .withMessageContaining("reason");
    }
}
