package dev.dualwrite.spring.avro;

import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether schemas are configured; a plain property condition does not see a list. */
final class OnAvroSchemas extends SpringBootCondition {

    static final String PROPERTY = "dualwrite.avro.schemas";

    static List<String> in(Environment environment) {
        return Binder.get(environment)
                .bind(PROPERTY, Bindable.listOf(String.class))
                .orElse(List.of());
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        var message = ConditionMessage.forCondition("Avro schemas");
        return in(context.getEnvironment()).isEmpty()
                ? ConditionOutcome.noMatch(message.didNotFind("property").items(PROPERTY))
                : ConditionOutcome.match(message.foundExactly("property " + PROPERTY));
    }
}
