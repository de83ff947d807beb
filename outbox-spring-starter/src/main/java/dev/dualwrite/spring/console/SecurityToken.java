package dev.dualwrite.spring.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.util.ClassUtils;

/** The token that Spring Security's own filter wants with each post, where there is one and it does. */
final class SecurityToken {

    private static final boolean KNOWN = ClassUtils.isPresent(
            "org.springframework.security.web.csrf.CsrfToken", SecurityToken.class.getClassLoader());

    private SecurityToken() {}

    /** Header and token; empty without such a filter. */
    static Map<String, String> of(HttpServletRequest request) {
        return KNOWN ? Filter.token(request) : Map.of();
    }

    /** Apart, so that nothing of it is loaded where Spring Security is missing. */
    private static final class Filter {

        static Map<String, String> token(HttpServletRequest request) {
            return request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token
                    ? Map.of(token.getHeaderName(), token.getToken())
                    : Map.of();
        }
    }
}
