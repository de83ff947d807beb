package dev.dualwrite.sample.browser;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A real browser, headless Chromium: what a person would do in it, and what they would see. */
public final class Browser implements AutoCloseable {

    /** Where a machine must have a browser, a test that is skipped for want of one is a test that fell asleep. */
    private static final String REQUIRED = "DUALWRITE_BROWSER_REQUIRED";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_TABS = 80;

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Opens one with a new, empty profile; skips the test where there is none, unless there must be one. */
    public static Browser open(Path profile) throws IOException {
        Path chromium = find(
                "chromium", "CHROMIUM", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
        Path chromedriver = find("chromedriver", "CHROMEDRIVER", "/usr/bin/chromedriver");
        Files.createDirectories(profile);
        var options = new ChromeOptions();
        options.setBinary(chromium.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--lang=en-GB",
                "--user-data-dir=" + profile.toAbsolutePath());
        // Both are named, so that nothing is looked for, let alone downloaded.
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.toFile())
                .usingAnyFreePort()
                .withSilent(true)
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static Path find(String program, String variable, String... places) {
        String named = System.getenv(variable);
        Stream<String> candidates = named == null ? Stream.of(places) : Stream.of(named);
        Path found =
                candidates.map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
        if (found == null) {
            String message = "no " + program + " at " + List.of(places) + ": install the packages chromium and"
                    + " chromium-driver, or name it in the variable " + variable;
            assertThat(System.getenv(REQUIRED)).as(message).isNull();
            Assumptions.abort(message);
        }
        return found;
    }

    public void go(String address) {
        driver.get(address);
    }

    public String source() {
        return driver.getPageSource();
    }

    /** Each line that the browser's console shows as an error: what the policy blocks, what a script trips over. */
    public List<String> errors() {
        return driver.manage().logs().get("browser").getAll().stream()
                .filter(line -> line.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue())
                .map(Object::toString)
                .toList();
    }

    /** Width and height of the page in CSS pixels, and the system's theme. */
    public void look(int width, int height, String scheme) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** The first that is displayed; waits for it. */
    public WebElement see(String css) {
        return await("sight of " + css)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> driver.findElements(By.cssSelector(css)).stream()
                                .filter(WebElement::isDisplayed)
                                .findFirst()
                                .orElse(null),
                        element -> element != null);
    }

    /** Waits until a text stands somewhere within. */
    public void read(String css, String text) {
        await("'" + text + "' in " + css)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> textOf(css).contains(text));
    }

    /** Waits until a text stands nowhere within. */
    public void miss(String css, String text) {
        await("no '" + text + "' in " + css)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !textOf(css).contains(text));
    }

    public String textOf(String css) {
        return driver.findElements(By.cssSelector(css)).stream()
                .map(WebElement::getText)
                .reduce("", (a, b) -> a + "\n" + b);
    }

    /** Clicks; the page may put another element of that kind in its place meanwhile. */
    public void click(String css) {
        await("click on " + css)
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .ignoreException(org.openqa.selenium.ElementNotInteractableException.class)
                .until(() -> {
                    see(css).click();
                    return true;
                });
    }

    public void type(String css, String text) {
        see(css).sendKeys(text);
    }

    /** To whatever has the focus. */
    public void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** By the tabulator alone; what has the focus must be seen to have it, at each stop. */
    public void tabTo(String css) {
        for (int i = 0; i < MOST_TABS; i++) {
            press(Keys.TAB);
            Object visible = script("const e = document.activeElement;"
                    + "return e === document.body || getComputedStyle(e).outlineStyle !== 'none'");
            assertThat(visible).as("whether the focus is seen on " + focused()).isEqualTo(true);
            if (Boolean.TRUE.equals(script("return document.activeElement.matches(arguments[0])", css))) {
                return;
            }
        }
        throw new AssertionError("the tabulator does not reach " + css + "; it is on " + focused());
    }

    public String focused() {
        return String.valueOf(script("return document.activeElement.outerHTML.slice(0, 300)"));
    }

    public Object script(String text, Object... arguments) {
        return driver.executeScript(text, arguments);
    }

    public Object asyncScript(String text, Object... arguments) {
        return driver.executeAsyncScript(text, arguments);
    }

    /** Runs a script in each page from now on before the page's own; gives what takes it away again. */
    public AutoCloseable prepare(String text) {
        Object id = driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", text))
                .get("identifier");
        return () -> driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", id));
    }

    /** A second tab of the same person; this one's name. */
    public String newTab() {
        driver.switchTo().newWindow(WindowType.TAB);
        return driver.getWindowHandle();
    }

    public String tab() {
        return driver.getWindowHandle();
    }

    public void switchTo(String tab) {
        driver.switchTo().window(tab);
    }

    public void closeTab() {
        driver.close();
    }

    /** A picture of what is seen, into target/screenshots; with -Dscreenshots=true over the one of that name in the documentation, too. */
    public void shoot(String name) throws IOException {
        // The news must be in it, and no toast on top.
        await().atMost(PATIENCE)
                .pollDelay(0, SECONDS)
                .until(() -> textOf("#live").contains("Live"));
        script("document.getElementById('said').replaceChildren()");
        byte[] picture = driver.getScreenshotAs(OutputType.BYTES);
        Path target = Path.of("target", "screenshots");
        Files.createDirectories(target);
        Files.write(target.resolve(name + ".png"), picture);
        Path inDocs = Path.of("..", "docs", "images", name + ".png");
        if (Boolean.getBoolean("screenshots") && Files.exists(inDocs)) {
            Files.write(inDocs, picture);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
