package dev.dualwrite.sample.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** axe-core, run in the page: every rule of WCAG 2.0 to 2.2, levels A and AA, and its best practices. */
public final class Axe {

    private static final List<String> TAGS =
            List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice");

    private static final String RUN = """
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']})
              .then(found => done({
                rules: found.passes.length,
                violations: found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.failureSummary + ' ' + n.html))}))
              .catch(e => done({rules: 0, violations: [String(e)]}));
            """;

    private final String source;

    public Axe() throws IOException {
        try (InputStream script = Axe.class.getResourceAsStream("/axe.min.js")) {
            source = new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Fails with every violation of what is shown just now. */
    public void check(Browser browser, String what) {
        if (Boolean.TRUE.equals(browser.script("return typeof axe === 'undefined'"))) {
            browser.script(source);
        }
        Map<?, ?> found = (Map<?, ?>) browser.asyncScript(RUN, TAGS);

        assertThat((List<?>) found.get("violations")).as(what).isEmpty();
        assertThat((Long) found.get("rules"))
                .as("rules that were of use on %s", what)
                .isGreaterThan(20);
    }
}
