package dev.dualwrite.spring.operate;

import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * Where Spring Security is: who is logged in, and with which role. Immutable.
 *
 * @param role that acting needs
 * @param viewerRole that looking needs
 */
record SecurityAccess(String role, String viewerRole) implements OperatorAccess {

    private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

    @Override
    public Caller caller(@Nullable Principal principal) {
        // In a reactive application the thread knows nobody, and the request does.
        Authentication authentication = principal instanceof Authentication known
                ? known
                : SecurityContextHolder.getContext().getAuthentication();
        if (authentication == null || !TRUST.isAuthenticated(authentication)) {
            return new Caller(null, false, false, "nobody is logged in: log in as somebody with the role " + role);
        }
        boolean mayAct = has(authentication, role);
        return new Caller(
                authentication.getName(),
                mayAct || has(authentication, viewerRole),
                mayAct,
                mayAct ? null : authentication.getName() + " has not the role " + role);
    }

    private static boolean has(Authentication authentication, String role) {
        return authentication.getAuthorities().stream()
                .anyMatch(authority -> ("ROLE_" + role).equals(authority.getAuthority()));
    }
}
