package dev.dualwrite.relay.measure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a program has that has meters. Named by a property, so that the program links without them. */
@Configuration(proxyBeanMethods = false)
public class MeteredProgram {

    @Bean
    MeterRegistry registry() {
        return new SimpleMeterRegistry();
    }
}
