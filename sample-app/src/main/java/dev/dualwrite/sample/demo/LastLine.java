package dev.dualwrite.sample.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Keeps one line at the bottom of a terminal. Text that is written above it takes the line away, prints, and puts it back
 * once it has ended with a line break. Thread-safe: one lock for all that is printed.
 */
final class LastLine {

    /** To the first column, and erase what is there. */
    private static final String ERASE = "\r\u001b[K";
    /** A line that is too wide is cut, not wrapped: a carriage return goes back one line only. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";

    private final PrintStream terminal;
    private String line = "";
    private boolean textIsOpen;

    LastLine(PrintStream terminal) {
        this.terminal = terminal;
    }

    synchronized void show(String newLine) {
        line = newLine;
        if (!textIsOpen) {
            draw();
        }
    }

    /** Leaves the line where it is, for good, and what follows below it. */
    synchronized void end() {
        if (!textIsOpen && !line.isEmpty()) {
            terminal.println();
            terminal.flush();
        }
        line = "";
    }

    /** A stream whose text goes above the line. */
    OutputStream above(PrintStream stream) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                print(stream, bytes, offset, length);
            }
        };
    }

    private synchronized void print(PrintStream stream, byte[] bytes, int offset, int length) {
        if (length == 0) {
            return;
        }
        if (!textIsOpen && !line.isEmpty()) {
            terminal.print(ERASE);
            terminal.flush();
        }
        stream.write(bytes, offset, length);
        stream.flush();
        textIsOpen = bytes[offset + length - 1] != '\n';
        if (!textIsOpen && !line.isEmpty()) {
            draw();
        }
    }

    private void draw() {
        terminal.print(ERASE + NO_WRAP + line + WRAP);
        terminal.flush();
    }
}
