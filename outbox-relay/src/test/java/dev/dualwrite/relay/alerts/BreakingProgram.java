package dev.dualwrite.relay.alerts;

import dev.dualwrite.outbox.spi.Sink;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A pod whose memory is too small for what its sink does. */
@Configuration(proxyBeanMethods = false)
@Import(MeasuredProgram.class)
class BreakingProgram {

    @Bean
    Sink copy() {
        return entries -> {
            throw new OutOfMemoryError("of a test");
        };
    }
}
