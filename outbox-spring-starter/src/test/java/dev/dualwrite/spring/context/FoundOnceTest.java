package dev.dualwrite.spring.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FoundOnceTest {

    @Test
    void absenceIsRememberedToo() {
        var searches = new AtomicInteger();
        var found = new FoundOnce<String>(() -> {
            searches.incrementAndGet();
            return null;
        });

        assertThat(found.get()).isNull();
        assertThat(found.get()).isNull();

        assertThat(searches).hasValue(1);
    }

    @Test
    void whatIsFoundIsNotLookedForAgain() {
        var searches = new AtomicInteger();
        var found = new FoundOnce<>(() -> "tracer " + searches.incrementAndGet());

        assertThat(found.get()).isEqualTo("tracer 1");
        assertThat(found.get()).isEqualTo("tracer 1");
    }
}
