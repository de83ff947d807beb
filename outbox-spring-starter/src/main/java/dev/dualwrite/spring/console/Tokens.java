package dev.dualwrite.spring.console;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token that a request must carry twice: in a cookie, which a browser sends by itself, and in a header, which only a page of
 * the same origin can set. It keeps nothing on the server, so that any instance takes what another one gave out. Thread-safe.
 */
final class Tokens {

    static final String HEADER = "X-Dualwrite-Token";
    private static final String COOKIE = "dualwrite-token";
    private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

    private final SecureRandom random = new SecureRandom();

    /** The token of a browser; a new one if it has none. */
    String give(HttpServletRequest request, HttpServletResponse response) {
        String known = cookie(request);
        if (known != null) {
            return known;
        }
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        Cookie cookie = new Cookie(COOKIE, token);
        // No path: the browser takes the folder of this address, as it sees it, with a proxy's prefix.
        cookie.setHttpOnly(true);
        cookie.setSecure(request.isSecure());
        cookie.setAttribute("SameSite", "Strict");
        response.addCookie(cookie);
        return token;
    }

    /** Whether a request carries the same token in its cookie and its header. */
    boolean areRight(HttpServletRequest request) {
        String cookie = cookie(request);
        String header = request.getHeader(HEADER);
        return cookie != null
                && header != null
                && MessageDigest.isEqual(
                        cookie.getBytes(StandardCharsets.UTF_8), header.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String cookie(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(COOKIE)
                        && TOKEN.matcher(cookie.getValue()).matches()) {
                    return cookie.getValue();
                }
            }
        }
        return null;
    }
}
