package dev.dualwrite.sample.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.Optional;

/**
 * A terminal whose last line is the status. While it is open, everything that goes to standard output and error, log lines
 * too, passes above that line.
 */
final class Terminal implements AutoCloseable {

    private final PrintStream out;
    private final PrintStream err;
    private final LastLine lastLine;

    private Terminal(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
        this.lastLine = new LastLine(out);
    }

    /** Takes the terminal over, if a person looks on, at something that understands a carriage return. */
    @SuppressWarnings("SystemConsoleNull") // null up to Java 21; from 22 on isTerminal() tells
    static Optional<Terminal> take() {
        Console console = System.console();
        String term = System.getenv("TERM");
        if (console == null || term == null || term.equals("dumb") || !isTerminal(console)) {
            return Optional.empty();
        }
        Terminal terminal = new Terminal(System.out, System.err);
        System.setOut(new PrintStream(terminal.lastLine.above(terminal.out), true, console.charset()));
        System.setErr(new PrintStream(terminal.lastLine.above(terminal.err), true, console.charset()));
        return Optional.of(terminal);
    }

    /** From Java 22 on there is a console also where there is no terminal, and a method that tells; before, none of both. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    void show(String line) {
        lastLine.show(line);
    }

    @Override
    public void close() {
        System.setOut(out);
        System.setErr(err);
        lastLine.end();
    }
}
