package dev.dualwrite.spring.operate;

import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** In a servlet application. The header itself: a page can write what proxies add, but not this one. */
final class ServletRequestHost implements RequestHost {

    @Override
    public @Nullable String asked() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes known
                ? known.getRequest().getHeader("Host")
                : null;
    }

    @Override
    public boolean isFor(String sink, String action) {
        // As it was sent: names of sinks and actions need no encoding.
        return !(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes known)
                || known.getRequest().getRequestURI().endsWith("/" + sink + "/" + action);
    }
}
