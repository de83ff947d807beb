package dev.dualwrite.relay.alerts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard as it is shipped. */
final class Dashboard {

    static final Path FILE = AlertRules.ROOT.resolve("deploy/grafana/dualwrite.json");

    private Dashboard() {}

    static JsonNode json() throws IOException {
        return new JsonMapper().readTree(Files.readString(FILE));
    }

    /** Each expression, variables replaced by what they may stand for. */
    static List<String> expressions() throws IOException {
        return json().findValues("expr").stream()
                .map(expression -> expression
                        .asString()
                        .replace("$__rate_interval", "5m")
                        .replace("$job", ".*")
                        .replace("$sink", ".*"))
                .toList();
    }

    static Stream<JsonNode> panels() throws IOException {
        return json().get("panels").valueStream();
    }
}
