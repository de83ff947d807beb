package dev.dualwrite.sample.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class LastLineTest {

    private static final String ERASE = "\r\u001b[K";

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(screen, true, UTF_8);
    private final LastLine lastLine = new LastLine(terminal);
    private final PrintStream log = new PrintStream(lastLine.above(terminal), true, UTF_8);

    @Test
    void newLineReplacesTheOldOne() {
        lastLine.show("written 1");
        lastLine.show("written 2");

        assertThat(screen()).isEqualTo(ERASE + "written 1" + ERASE + "written 2");
    }

    @Test
    void textPassesAboveTheLine() {
        lastLine.show("written 1");
        log.print("a log line\n");

        assertThat(screen()).isEqualTo(ERASE + "written 1" + ERASE + "a log line\n" + ERASE + "written 1");
    }

    @Test
    void lineDoesNotBreakIntoTextThatHasNotEnded() {
        lastLine.show("written 1");
        log.print("half a ");
        lastLine.show("written 2");
        log.print("line\n");

        assertThat(screen()).isEqualTo(ERASE + "written 1" + ERASE + "half a line\n" + ERASE + "written 2");
    }

    @Test
    void lastStatusStaysOnTheScreenAndWhatFollowsGoesBelow() {
        lastLine.show("written 1");
        lastLine.end();
        log.print("bye\n");

        assertThat(screen()).isEqualTo(ERASE + "written 1" + System.lineSeparator() + "bye\n");
    }

    private String screen() {
        return screen.toString(UTF_8).replace("\u001b[?7l", "").replace("\u001b[?7h", "");
    }
}
