package dev.dualwrite.spring.console;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One answer in JSON. Immutable. */
record Reply(int status, Map<String, @Nullable Object> body) {

    static Reply ok(Map<String, @Nullable Object> body) {
        return new Reply(200, body);
    }

    static Reply problem(int status, String message, @Nullable String hint) {
        return new Reply(status, Json.problem(message, hint));
    }

    void send(HttpServletResponse response, Json json) throws IOException {
        byte[] bytes = json.write(body);
        response.setStatus(status);
        response.setContentType("application/json;charset=utf-8");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
