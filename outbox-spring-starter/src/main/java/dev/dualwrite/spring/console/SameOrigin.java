package dev.dualwrite.spring.console;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Whether a request comes from a page of the same origin. What is no browser says nothing, and needs the token all the same. */
final class SameOrigin {

    private SameOrigin() {}

    static boolean isFrom(HttpServletRequest request) {
        // Browsers say this where they trust the connection: https, and localhost.
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("same-origin");
        }
        String origin = request.getHeader("Origin");
        return origin == null || isOwn(origin, request);
    }

    /** By the Host header, or by what the server takes for its name: behind a proxy one of the two is right. */
    private static boolean isOwn(String origin, HttpServletRequest request) {
        try {
            URI uri = URI.create(origin);
            @Nullable String host = uri.getHost();
            if (host == null) {
                return false;
            }
            int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
            return uri.getRawAuthority().equalsIgnoreCase(request.getHeader("Host"))
                    || (host.equalsIgnoreCase(request.getServerName()) && port == request.getServerPort());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
