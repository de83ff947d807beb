package dev.dualwrite.sample;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.sample.browser.Axe;
import dev.dualwrite.sample.browser.Browser;
import dev.dualwrite.sample.browser.Tunnel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.Keys;
import org.springframework.util.FileSystemUtils;

/** What an operator does at the console, done in a real browser; the causes are real ones, at the secondary. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT extends SampleIT {

    private static final Path PROFILE = Path.of("target", "browser-profile");
    private static final String DEAD = "[data-label='State'] .chip.bad";

    /** Longer than the narrowed column. */
    private static final String ADDRESS = ", Analytical Engine Road 12".repeat(5);

    /** The narrowest that WCAG knows: a page of 1280 at 400 per cent. */
    private static final int PHONE = 320;

    private static final String MARKED = "\"<b>bold</b><img src=x>\"";

    private static Browser browser;
    private static Axe axe;

    private final List<Long> killed = new ArrayList<>();

    @BeforeAll
    static void openBrowser() throws IOException {
        FileSystemUtils.deleteRecursively(PROFILE);
        browser = Browser.open(PROFILE);
        axe = new Axe();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void look() {
        awaitSampleData();
        drain();
        browser.look(1280, 900, "light");
    }

    @AfterEach
    void cleanUp() throws Exception {
        cure();
        stores().primary()
                .sql("SELECT dualwrite.resume_sink(s.sink, 'test over') FROM dualwrite.sinks s"
                        + " WHERE s.state = 'paused'")
                .query()
                .listOfRows();
        stores().primary()
                .sql("SELECT dualwrite.requeue_all(s.sink, 'test over') FROM dualwrite.sinks s")
                .query()
                .listOfRows();
        // The stores are alike again for whoever comes next, also where an entry was discarded.
        for (long order : killed) {
            client().delete(order);
        }
        drain();
        assertThat(browser.errors())
                .as("what the browser complains of")
                .filteredOn(line -> !line.contains("ERR_CONNECTION")
                        && !line.contains("ERR_INCOMPLETE")
                        && !line.contains("api/act - Failed to load resource")
                        && !line.contains("ERR_EMPTY"))
                .isEmpty();
    }

    @Test
    @Order(1)
    void stuckEntryIsFoundUnderstoodCuredAndRequeuedByTheKeyboardAlone() throws Exception {
        long order = kill("Ada Lovelace");
        open("");

        browser.tabTo("a[href='#/stuck']");
        browser.press(Keys.ENTER);
        browser.read("h1", "Stuck entries");
        browser.read("#view", "order " + order);
        browser.read("#view", "requeue");
        browser.tabTo("button[data-do='inspect']");
        browser.press(Keys.ENTER);
        browser.read("#entry", "text is longer than the column");
        browser.read("#entry", "<text, 147 characters>");
        assertThat(browser.source()).as("the page").doesNotContain("Lovelace");
        cure();
        browser.tabTo("#entry button.primary");
        browser.press(Keys.ENTER);
        browser.press("the column is wide again");
        browser.tabTo("#act button[type='submit']");
        browser.press(Keys.ENTER);

        browser.read("#said", "1 entry requeued.");
        browser.read("#view", "Nothing is stuck.");
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThat(stores().secondaryDocuments())
                        .filteredOn(document -> document.id() == order)
                        .hasSize(1));
        browser.tabTo("a[href='#/audit']");
        browser.press(Keys.ENTER);
        browser.read("#view", "the column is wide again");
        browser.read("#view", "unsecured via postgres");
    }

    @Test
    @Order(2)
    void escapeClosesADialogAndLeavesTheEntryAlone() throws Exception {
        kill("Berta");
        open("#/stuck");

        browser.click("button[data-do='inspect']");
        browser.click("#entry button.primary");
        browser.see("#act textarea");
        browser.press(Keys.ESCAPE);
        browser.press(Keys.ESCAPE);

        await().atMost(5, SECONDS).until(() -> browser.script("return document.querySelector('dialog[open]')") == null);
        assertThat(browser.focused()).as("what has the focus again").contains("data-do=\"inspect\"");
        browser.read("#view", "dead");
    }

    @Test
    @Order(3)
    void discardedEntryIsGoneForGood() throws Exception {
        long order = kill("Carl");
        open("#/stuck");

        browser.click("button[data-do='inspect']");
        browser.click("#entry button.danger");
        browser.type("#act textarea", "the order was a test");
        browser.click("#act button[type='submit']");

        browser.read("#view", "Nothing is stuck.");
        cure();
        drain();
        assertThat(stores().secondaryDocuments()).noneMatch(document -> document.id() == order);
        assertThat(stores().primary()
                        .sql("SELECT reason FROM dualwrite.discarded_entry WHERE aggregate_id = ?")
                        .param(String.valueOf(order))
                        .query(String.class)
                        .list())
                .containsExactly("the order was a test");
    }

    @Test
    @Order(4)
    void bulkActShowsWhatItWillTouchBeforeItTouchesIt() throws Exception {
        List<Long> orders = List.of(kill("Dora"), kill("Emil"), kill("Frida"));
        open("#/stuck");
        browser.read("#view", "order " + orders.get(2));

        browser.click("input[data-choose='all']");
        browser.read(".bulk", "3 entries chosen");
        browser.click("button[data-do='requeue']");
        browser.type("#act textarea", "cured");
        browser.click("#act button[type='submit']");
        browser.read("#act .preview", "This will touch 3 entries");
        orders.forEach(order -> browser.read("#act .preview", "order " + order));
        assertThat(stores().primary()
                        .sql("SELECT count(*) FROM dualwrite.stuck_entries WHERE state = 'dead'")
                        .query(Long.class)
                        .single())
                .as("dead entries after the preview")
                .isEqualTo(3);
        cure();
        browser.read("#act button[type='submit']", "Requeue 3 entries");
        browser.click("#act button[type='submit']");

        browser.read("#view", "Nothing is stuck.");
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThat(stores().secondaryDocuments())
                        .extracting(Stores.Document::id)
                        .containsAll(orders));
    }

    @Test
    @Order(5)
    void pausedSinkIsSeenInEveryTabWithoutAReload() throws Exception {
        open("#/sinks");
        String first = browser.tab();
        String second = browser.newTab();
        open("#/overview");
        browser.look(1280, 900, "light");
        browser.read("#view", "running");

        browser.switchTo(first);
        browser.click("button[data-act='pause']");
        browser.type("#act textarea", "moving the table");
        browser.click("#act button[type='submit']");
        browser.read("#view", "moving the table");
        browser.switchTo(second);
        browser.read("#view .verdict", "order-documents: paused by unsecured");
        browser.read("#view .verdict", "Next: resume it once whoever paused it agrees.");
        client().post(Orders.revision("Gustav", 1));
        browser.read("[data-label='Backlog']", "1");
        browser.closeTab();

        browser.switchTo(first);
        browser.click("button[data-act='resume']");
        browser.type("#act textarea", "the table has moved");
        browser.click("#act button[type='submit']");
        browser.read("#view .chip", "running");
        drain();
    }

    @Test
    @Order(6)
    void refusedActIsToldInTheWordsOfTheFunction() throws Exception {
        kill("Hanna");
        open("#/stuck");
        browser.click("button[data-do='inspect']");
        browser.click("#entry button.primary");
        browser.type("#act textarea", "again");
        cure();
        stores().primary()
                .sql("SELECT dualwrite.requeue_all('order-documents', 'somebody was faster')")
                .query()
                .listOfRows();
        drain();

        browser.click("#act button[type='submit']");

        browser.read("#act .notice", "entry ");
        browser.press(Keys.ESCAPE);
        browser.press(Keys.ESCAPE);
        browser.read("#view", "Nothing is stuck.");
    }

    @Test
    @Order(7)
    void markupInNamesAndReasonsIsText() throws Exception {
        String markup = "<img src=x onerror=document.title='hacked'><script>document.title='hacked'</script>";
        stores().secondary()
                .sql("ALTER TABLE order_documents ADD CONSTRAINT " + MARKED + " CHECK (version < 0) NOT VALID")
                .update();
        client().post(Orders.revision("Ida", 1));
        await().atMost(20, SECONDS).until(() -> stuck("overdue") == 1);
        stores().primary()
                .sql("SELECT dualwrite.pause_sink('order-documents', ?)")
                .param(markup)
                .query()
                .listOfRows();

        for (String section : List.of("overview", "sinks", "audit")) {
            open("#/" + section);
            browser.read("#view", "onerror=document.title");
        }
        open("#/stuck");
        browser.read("#view", "<b>bold</b>");
        browser.click("button[data-do='inspect']");
        browser.read("#entry", "<b>bold</b>");

        assertThat(browser.script("return document.title")).asString().doesNotContain("hacked");
        assertThat(browser.script("return document.querySelectorAll('main img, main script, main b, dialog b').length"))
                .isEqualTo(0L);
    }

    @Test
    @Order(8)
    void serverThatIsGoneIsSaidAndItsReturnIsNoticed() throws Exception {
        int port;
        try (Tunnel tunnel = new Tunnel(port())) {
            port = tunnel.port();
            browser.go("http://localhost:" + port + "/dualwrite/");
            browser.read("#live", "Live");
        }

        browser.read("#notices", "The service does not answer.");
        browser.read("#live", "No news since");

        try (Tunnel tunnel = new Tunnel(port(), port)) {
            browser.read("#live", "Live");
            browser.miss("#notices", "The service does not answer.");
        }
    }

    @Test
    @Order(9)
    void everyViewIsAccessibleInEachThemeAndWidth() throws Exception {
        kill("Jonas");
        kill("Karla");
        browser.look(1280, 900, "light");
        open("");
        checkEachView("light", 1280);
        browser.look(1280, 900, "dark");
        checkEachView("dark", 1280);
        browser.look(PHONE, 844, "light");
        checkEachView("light", PHONE);
    }

    /** All in one load of the page, as a person goes through it. */
    private static void checkEachView(String scheme, int width) throws IOException {
        for (Map.Entry<String, String> view : VIEWS.entrySet()) {
            browser.click("a[href='#/" + view.getKey() + "']");
            browser.see(view.getValue());
            check(view.getKey() + ", " + scheme + ", " + width);
            shoot(view.getKey(), scheme, width);
        }
        browser.click("a[href='#/stuck']");
        browser.click("button[data-do='inspect']");
        browser.read("#entry", "<text,");
        check("dialog of an entry, " + scheme + ", " + width);
        shoot("entry", scheme, width);
        browser.click("#entry button.primary");
        browser.click("#act button[type='submit']");
        browser.read("#act", "A reason is needed.");
        check("dialog of an act, " + scheme + ", " + width);
        browser.press(Keys.ESCAPE);
        browser.press(Keys.ESCAPE);
    }

    @Test
    @Order(10)
    void allDeadEntriesOfASinkAreRequeuedAtOnce() throws Exception {
        List<Long> orders = List.of(kill("Lotte"), kill("Marie"));
        open("#/sinks");

        browser.click("button[data-act='requeueAll']");
        browser.read("#act", "under the name unsecured");
        browser.type("#act textarea", "cured");
        browser.click("#act button[type='submit']");
        browser.read("#act .preview", "This will touch 2 entries");
        cure();
        browser.read("#act button[type='submit']", "Requeue 2 entries");
        browser.click("#act button[type='submit']");

        browser.read("#said", "2 entries of order-documents requeued.");
        drain();
        assertThat(stores().secondaryDocuments())
                .extracting(Stores.Document::id)
                .containsAll(orders);
    }

    @Test
    @Order(11)
    void filterIsStillShownAfterALookElsewhere() {
        open("#/stuck");
        browser.type("#f-id", "4711");
        browser.click(".filter button[type='submit']");
        browser.read("#view", "Nothing stuck matches this filter.");

        browser.click("a[href='#/sinks']");
        browser.click("a[href='#/stuck']");

        browser.read("#view", "Nothing stuck matches this filter.");
        assertThat(browser.script("return document.getElementById('f-id').value"))
                .isEqualTo("4711");
    }

    @Test
    @Order(12)
    void lateAnswerDoesNotDrawOverWhatIsOpen() throws Exception {
        long order = kill("Nele");
        open("#/stuck");
        browser.read("#view", "order " + order);
        browser.script("""
                const real = window.fetch;
                window.fetch = (address, options) => String(address).endsWith("api/stuck")
                  ? new Promise((resolve) => { window.late = resolve; window.fetch = real; }) : real(address, options);
                """);
        browser.type("#f-id", "4711");
        browser.click(".filter button[type='submit']");
        browser.read("#view", "Looking");
        browser.click("button[data-do='clear']");
        browser.read("#view", "order " + order);

        // What waits for the answer has gone on by the time that a timer is called.
        browser.asyncScript("""
                const done = arguments[arguments.length - 1];
                const answer = new Response("", { headers: { "Content-Type": "application/json" } });
                answer.json = async () => { setTimeout(done); return { entries: [], next: null }; };
                window.late(answer);
                """);

        assertThat(browser.textOf("#view")).contains("order " + order);
    }

    @Test
    @Order(13)
    void listThatWasMadeLongerIsNotCutBackByNews() throws Exception {
        open("#/stuck");
        browser.read("#view", "Nothing is stuck.");
        browser.script("""
                const real = window.fetch;
                let page = 0;
                const entry = () => ({ id: String(++page), sink: "order-documents", aggregateType: "page", aggregateId: String(page),
                  state: "overdue", attempts: 1, ageSeconds: 1 });
                window.fetch = async (address, options) => String(address).endsWith("api/stuck")
                  ? new Response(JSON.stringify({ entries: [entry()], next: "1" }), { headers: { "Content-Type": "application/json" } })
                  : real(address, options);
                """);
        browser.type("#f-type", "page");
        browser.click(".filter button[type='submit']");
        browser.read("#view", "page 1");
        browser.click("button[data-do='more']");
        browser.read("#view", "page 2");

        kill("Olga");

        browser.read("#view", "The list has changed meanwhile.");
        assertThat(browser.textOf("#view")).contains("page 1", "page 2").doesNotContain("page 3");
        browser.click("button[data-do='refresh']");
        browser.read("#view", "page 3");
        assertThat(browser.focused()).as("what has the focus that Refresh had").contains("id=\"main\"");
    }

    @Test
    @Order(14)
    void silentStreamIsNotWaitedFor() throws Exception {
        try (AutoCloseable silence = browser.prepare("""
                window.EventSource = class { addEventListener() {} close() {} };
                const real = window.setTimeout;
                window.setTimeout = (what, after) => real(what, Math.min(after, 300));
                """)) {
            assertThat(silence).isNotNull();
            browser.go("http://localhost:" + port() + "/dualwrite/?silent");

            browser.read("#live", "Asking every 5 seconds");
            browser.read("#view", "By sink");
        }
    }

    @Test
    @Order(15)
    void pageThatCouldNotStartStartsOnceAndSaysWhatKeptIt() throws Exception {
        try (AutoCloseable refusal = browser.prepare("""
                const realTimeout = window.setTimeout;
                window.setTimeout = (what, after) => realTimeout(what, Math.min(after, 300));
                const real = window.fetch;
                window.fetch = async (address, options) => String(address).endsWith("api/start") && !window.letIn
                  ? new Response('{"message": "nora may not look", "hint": "Log in."}',
                    { status: 403, headers: { "Content-Type": "application/json" } })
                  : real(address, options);
                """)) {
            assertThat(refusal).isNotNull();
            browser.go("http://localhost:" + port() + "/dualwrite/?refused");
            browser.read("#live", "No access");
            browser.read("#notices", "nora may not look");

            browser.script("window.letIn = true");
            browser.read("#live", "Live");
            browser.click("#theme");

            assertThat(browser.script("return document.documentElement.dataset.theme"))
                    .isEqualTo("dark");
            browser.script("localStorage.clear()");
        }
    }

    @Test
    @Order(16)
    void actWhoseAnswerIsLostSendsToTheAudit() {
        open("#/sinks");
        assertThat(browser.script("return getComputedStyle(document.getElementById('said')).visibility"))
                .as("what is announced is not hidden from those who hear it")
                .isEqualTo("visible");
        browser.script("""
                const real = window.fetch;
                window.fetch = (address, options) => String(address).endsWith("api/act")
                  ? Promise.reject(new TypeError("gone")) : real(address, options);
                """);
        browser.click("button[data-act='pause']");
        browser.type("#act textarea", "a test");
        browser.click("#act button[type='submit']");

        browser.read("#act .notice", "Look into the audit whether it was done, then try again.");
        browser.press(Keys.ESCAPE);
    }

    /** Each view, and what is seen once it has loaded. */
    private static final Map<String, String> VIEWS =
            Map.of("overview", ".tiles", "sinks", ".list .card", "stuck", DEAD, "relays", ".lane", "audit", "tbody tr");

    private static void check(String what) {
        axe.check(browser, what);
        assertThat((Long) browser.script("return document.documentElement.scrollWidth - innerWidth"))
                .as("pixels beyond the width: %s", what)
                .isLessThanOrEqualTo(0);
    }

    private static void shoot(String view, String scheme, int width) throws IOException {
        if (width == PHONE) {
            // The narrowest one is checked; the picture shows a common one.
            browser.look(390, 844, scheme);
            browser.shoot("console-" + view + "-phone");
            browser.look(width, 844, scheme);
        } else {
            browser.shoot("console-" + view + (scheme.equals("dark") ? "-dark" : ""));
        }
    }

    private void open(String section) {
        browser.go("http://localhost:" + port() + "/dualwrite/" + section);
        // Another section of the same page is no new page.
        browser.script("location.reload()");
        browser.read("#live", "Live");
    }

    /** Writes an order that the secondary refuses, for a cause that a person can take away. */
    private long kill(String customer) throws Exception {
        long before = stuck("dead");
        if (before == 0) {
            stores().secondary()
                    .sql("ALTER TABLE order_documents ALTER COLUMN customer TYPE varchar(120)")
                    .update();
        }
        long order = client().post("{\"customer\": \"" + customer + ADDRESS + "\", \"status\": \"NEW\", \"lines\":"
                        + " [{\"sku\": \"A-1\", \"quantity\": 2, \"unitPriceCents\": 1299}]}")
                .id();
        killed.add(order);
        awaitDead(before + 1);
        return order;
    }

    private void cure() {
        stores().secondary()
                .sql("ALTER TABLE order_documents ALTER COLUMN customer TYPE text")
                .update();
        stores().secondary()
                .sql("ALTER TABLE order_documents DROP CONSTRAINT IF EXISTS " + MARKED)
                .update();
    }

    private void awaitDead(long count) {
        await().atMost(20, SECONDS).until(() -> stuck("dead") == count);
    }

    private long stuck(String state) {
        return stores().primary()
                .sql("SELECT count(*) FROM dualwrite.stuck_entries WHERE state = ?")
                .param(state)
                .query(Long.class)
                .single();
    }

    private void drain() {
        await().atMost(30, SECONDS).until(() -> stores().backlog() == 0);
    }
}
