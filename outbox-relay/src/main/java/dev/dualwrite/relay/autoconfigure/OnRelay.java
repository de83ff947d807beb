package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.spi.Sink;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** There is something to relay to, or the user insists. */
final class OnRelay extends AnyNestedCondition {

    OnRelay() {
        super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnBean(Sink.class)
    static final class SinkBean {}

    @Conditional(ConfiguredSinkCondition.class)
    static final class SinkProperty {}

    /** Then a missing sink is a mistake, and it is reported. */
    @ConditionalOnProperty("dualwrite.relay.enabled")
    static final class Enabled {}

    static final class ConfiguredSinkCondition extends SpringBootCondition {
        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            var message = ConditionMessage.forCondition("Dualwrite sink");
            var sinks = Binder.get(context.getEnvironment())
                    .bind("dualwrite.sinks", Bindable.mapOf(String.class, Object.class));
            return sinks.isBound()
                    ? ConditionOutcome.match(
                            message.found("configured sink").items(sinks.get().keySet()))
                    : ConditionOutcome.noMatch(message.didNotFind("property").items("dualwrite.sinks"));
        }
    }
}
