package dev.dualwrite.spring.console;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/** What every answer of the console tells the browser not to do. */
final class SecurityHeaders {

    /** Nothing but the page's own files: no inline script, no inline style, no frame, no form target, nothing from elsewhere. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY,
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-store");

    private SecurityHeaders() {}

    /** Sets them; the files of the page replace the last one. */
    static void set(HttpServletResponse response) {
        HEADERS.forEach(response::setHeader);
    }
}
