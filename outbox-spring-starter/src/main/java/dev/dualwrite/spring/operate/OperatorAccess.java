package dev.dualwrite.spring.operate;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may look and act. Thread-safe; called on the thread of the request, once for each act. A bean of this type replaces
 * the one that knows Spring Security, for services that know their people in another way.
 */
@FunctionalInterface
public interface OperatorAccess {

    /**
     * Who asks. An implementation believes what a login proved, and never a header or a parameter of the request.
     *
     * @param principal who the web server says it is; absent if it says nothing, then what the thread's own context says counts
     */
    Caller caller(@Nullable Principal principal);

    /**
     * Why a request to that host is not taken; absent if it is. Asked before everything that the console answers, and before acts of
     * the actuator over HTTP. A login proves who asks whatever the host is, so this one takes all.
     *
     * @param host the header of that name; absent if there is none, or it cannot be known
     */
    default @Nullable String refusalOfHost(@Nullable String host) {
        return null;
    }
}
