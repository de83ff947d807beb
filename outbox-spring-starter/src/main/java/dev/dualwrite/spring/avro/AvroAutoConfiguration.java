package dev.dualwrite.spring.avro;

import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.spring.autoconfigure.ConfigurationCheck;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import java.util.List;
import org.apache.avro.Schema;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.ResourcePatternResolver;
import tools.jackson.databind.json.JsonMapper;

/**
 * Payloads in Avro, where {@code dualwrite.avro.schemas} names schema files: a codec for services, and a decoder for relays. A
 * {@link PayloadCodec} of the user's own replaces the codec, not the decoder.
 */
@AutoConfiguration(
        before = DualwriteAutoConfiguration.class,
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@Conditional(OnAvroSchemas.class)
public final class AvroAutoConfiguration {

    /** With Avro there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Schema.class, JsonMapper.class})
    static class AvroConfiguration {

        @Bean
        AvroSchemas dualwriteAvroSchemas(Environment environment, ResourcePatternResolver resolver) {
            return AvroSchemas.read(OnAvroSchemas.in(environment), resolver);
        }

        @Bean
        ConfigurationCheck dualwriteAvroCheck(AvroSchemas schemas) {
            return new MistakesOnly(schemas.mistakes());
        }

        @Bean
        PayloadDecoder dualwriteAvroDecoder(AvroSchemas schemas) {
            return new AvroPayloadDecoder(schemas);
        }

        /** Payloads that are no Avro records are written as JSON, as they are without this. */
        @Bean
        @ConditionalOnMissingBean(PayloadCodec.class)
        PayloadCodec dualwriteAvroCodec(AvroSchemas schemas, ObjectProvider<JsonMapper> mapper) {
            JsonMapper json = mapper.getIfUnique(() -> JsonMapper.builder().build());
            return new AvroPayloadCodec(schemas, json::writeValueAsBytes);
        }
    }

    /** Without Avro the property does nothing: better said at the start than by the first entry. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("org.apache.avro.Schema")
    static class WithoutAvro {

        @Bean
        ConfigurationCheck dualwriteAvroCheck() {
            return new MistakesOnly(
                    List.of("dualwrite.avro.schemas is set, but Apache Avro is not on the class path. Next: add"
                            + " org.apache.avro:avro to the dependencies, or remove dualwrite.avro.schemas"));
        }
    }
}
