package dev.dualwrite.spring.operate;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Refuses acts of the endpoint with a field that it has not, or with an empty one. Boot drops both in silence, and an act that was
 * meant for one entry, or for a try, would be done to all of a sink, in earnest. Thread-safe.
 */
final class KnownFields implements OperationInvokerAdvisor {

    private static final EndpointId ENDPOINT = EndpointId.of("dualwrite");

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        // Over JMX there are no others, and what is not given is empty.
        boolean isWeb = parameters.stream().anyMatch(KnownFields::isBoots);
        if (!endpoint.equals(ENDPOINT) || type != OperationType.WRITE || !isWeb) {
            return invoker;
        }
        Set<String> known = parameters.stream()
                .filter(parameter -> !isBoots(parameter))
                .map(OperationParameter::getName)
                .collect(Collectors.toSet());
        return context -> {
            Map<String, Object> given = context.getArguments();
            if (!known.containsAll(given.keySet())) {
                // Not by its name: whatever came in is not sent back.
                return refused("a field is not known here");
            }
            return given.values().stream().anyMatch(KnownFields::isEmpty)
                    ? refused("a field is empty")
                    : invoker.invoke(context);
        };
    }

    private static boolean isBoots(OperationParameter parameter) {
        return SecurityContext.class.isAssignableFrom(parameter.getType());
    }

    private static boolean isEmpty(@Nullable Object value) {
        return value == null || (value instanceof String text && text.isEmpty());
    }

    private static WebEndpointResponse<Map<String, @Nullable Object>> refused(String problem) {
        return new WebEndpointResponse<>(
                Answers.problem(
                        problem + "; nothing was changed",
                        "The fields are reason, dryRun (true or false) and entryId (a number); leave out what you do not mean."),
                WebEndpointResponse.STATUS_BAD_REQUEST);
    }
}
