package dev.dualwrite.outbox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the class of a payload states by {@link PayloadType}: itself, or through a superclass or an interface, since records share
 * no superclass. Kept for each class, and gone with it. Pure.
 */
final class StatedType extends ClassValue<Optional<PayloadType>> {

    private static final StatedType OF_CLASSES = new StatedType();

    private StatedType() {}

    /**
     * The statement that holds for a class; null if there is none.
     *
     * @throws IllegalStateException if there are two that disagree
     */
    static @Nullable PayloadType of(Class<?> payload) {
        return OF_CLASSES.get(payload).orElse(null);
    }

    @Override
    protected Optional<PayloadType> computeValue(Class<?> payload) {
        var stated = new LinkedHashMap<Class<?>, PayloadType>();
        collect(payload, stated);
        // What a type states replaces what it inherits, also where its heir names the ancestor once more.
        stated.keySet()
                .removeIf(
                        type -> stated.keySet().stream().anyMatch(heir -> heir != type && type.isAssignableFrom(heir)));
        if (stated.values().stream().distinct().count() > 1) {
            throw new IllegalStateException(payload.getName() + " has more than one payload type: "
                    + stated.entrySet().stream().map(StatedType::text).collect(Collectors.joining(", "))
                    + ". Next: put @PayloadType on " + payload.getName() + " itself, or make them equal");
        }
        return stated.values().stream().findFirst();
    }

    private static void collect(@Nullable Class<?> type, Map<Class<?>, PayloadType> stated) {
        if (type == null) {
            return;
        }
        PayloadType own = type.getDeclaredAnnotation(PayloadType.class);
        if (own != null) {
            stated.put(type, own);
            return;
        }
        collect(type.getSuperclass(), stated);
        for (Class<?> parent : type.getInterfaces()) {
            collect(parent, stated);
        }
    }

    private static String text(Map.Entry<Class<?>, PayloadType> stated) {
        return stated.getKey().getName() + " states '" + stated.getValue().value() + "' version "
                + stated.getValue().version();
    }
}
