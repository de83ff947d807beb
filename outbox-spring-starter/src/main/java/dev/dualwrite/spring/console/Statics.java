package dev.dualwrite.spring.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, read once. A browser asks each time, and gets a file again only if it has changed. Immutable. */
final class Statics {

    private static final List<String> NAMES = List.of(
            "index.html",
            "console.css",
            "icon.svg",
            "js/act.js",
            "js/api.js",
            "js/audit.js",
            "js/chart.js",
            "js/dom.js",
            "js/entry.js",
            "js/format.js",
            "js/live.js",
            "js/main.js",
            "js/overview.js",
            "js/parts.js",
            "js/relays.js",
            "js/sinks.js",
            "js/stuck.js",
            "js/theme.js");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=utf-8",
            "css", "text/css;charset=utf-8",
            "svg", "image/svg+xml",
            "js", "text/javascript;charset=utf-8");

    private final Map<String, File> files = new HashMap<>();

    /** One file. */
    private static final class File {

        private final byte[] bytes;
        private final String type;
        private final String etag;

        private File(byte[] bytes, String type, String etag) {
            this.bytes = bytes;
            this.type = type;
            this.etag = etag;
        }
    }

    Statics() {
        for (String name : NAMES) {
            files.put(name, read(name));
        }
    }

    /** Answers with a file, the page itself for the empty name; false if there is none of that name. */
    boolean answer(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        @Nullable File file = files.get(name.isEmpty() ? "index.html" : name);
        if (file == null) {
            return false;
        }
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("ETag", file.etag);
        if (file.etag.equals(request.getHeader("If-None-Match"))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return true;
        }
        response.setContentType(file.type);
        response.setContentLength(file.bytes.length);
        response.getOutputStream().write(file.bytes);
        return true;
    }

    private static File read(String name) {
        try (InputStream resource = Statics.class.getResourceAsStream("/dev/dualwrite/console/" + name)) {
            if (resource == null) {
                throw new IllegalStateException("the console's file " + name
                        + " is not on the class path. Next: use the unchanged jar of outbox-spring-starter");
            }
            byte[] bytes = resource.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "text/plain");
            return new File(bytes, type, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"');
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("the console's file " + name + " cannot be read", e);
        }
    }
}
