package dev.dualwrite.relay.alerts;

import dev.dualwrite.outbox.spi.Sink;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A pod whose sink needs a class that is not there. */
@Configuration(proxyBeanMethods = false)
@Import(MeasuredProgram.class)
class BreakingProgram {

    @Bean
    Sink copy() {
        return entries -> {
            throw new NoClassDefFoundError("com/example/OrderMapper");
        };
    }
}
