package dev.dualwrite.relay.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** A YAML file as maps and lists. */
final class Yaml {

    static final Path DEPLOY = Path.of("..", "deploy");

    private Yaml() {}

    static Map<String, Object> read(String file) throws IOException {
        return read(DEPLOY.resolve(file));
    }

    static Map<String, Object> read(Path file) throws IOException {
        var options = new LoaderOptions();
        // A key that stands there twice hides what the first one said.
        options.setAllowDuplicateKeys(false);
        return map(new org.yaml.snakeyaml.Yaml(new SafeConstructor(options)).load(Files.readString(file)));
    }

    /** What lies at the end of the path of keys. */
    static Object at(Map<String, Object> map, String... path) {
        Object found = map;
        for (String key : path) {
            found = map(found).get(key);
            if (found == null) {
                throw new AssertionError("no " + key + " of " + String.join(" / ", path));
            }
        }
        return found;
    }

    static String text(Map<String, Object> map, String... path) {
        return at(map, path).toString();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static <T> List<T> list(Object value) {
        return (List<T>) value;
    }
}
