package dev.dualwrite.postgres;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small shell process that outlives this JVM to stop the server.
 *
 * <p>It blocks reading a pipe from the JVM. A word means that all is done; the end of the pipe means that the JVM is gone,
 * in whatever way, and that the server and a temporary directory must go too.
 */
final class Watcher {

    /** Where there is no shell to run it. */
    static final Watcher NONE = new Watcher(null);

    private static final Path SHELL = Path.of("/bin/sh");
    private static final List<Path> SETSID = List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

    private static final String SCRIPT = """
            trap '' INT TERM HUP
            home=$1 token=$2 data=$3 kept=$4
            read -r word
            [ "$word" = closed ] && exit 0

            # The JVM may have died while the server was coming up: look for it for a while.
            tries=0 pid=
            while [ -z "$pid" ] && [ "$tries" -lt 100 ]; do
                pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
                # Read after the pid: while this is our token, no later server has started in the directory.
                [ "$(cat "$home/owner" 2>/dev/null)" = "$token" ] || exit 0
                tries=$((tries + 1))
                [ -n "$pid" ] || sleep 0.1
            done

            name=$(ps -p "$pid" -o comm= 2>/dev/null || cat "/proc/$pid/comm" 2>/dev/null)
            case $name in
            *postgres*)
                kill -INT "$pid"
                tries=0
                while kill -0 "$pid" 2>/dev/null && [ -e "$data/postmaster.pid" ] && [ "$tries" -lt 600 ]; do
                    tries=$((tries + 1))
                    sleep 0.1
                done
                ;;
            esac

            [ "$kept" = true ] || rm -rf "$home" || { sleep 2; rm -rf "$home"; }
            """;

    private final @Nullable Process process;

    private Watcher(@Nullable Process process) {
        this.process = process;
    }

    static Watcher start(DataHome home) throws IOException {
        if (!Files.isExecutable(SHELL)) {
            return NONE;
        }
        List<String> command = new ArrayList<>();
        // Its own session where possible, so that a kill of the JVM's whole process group does not reach it.
        SETSID.stream().filter(Files::isExecutable).findFirst().ifPresent(setsid -> command.add(setsid.toString()));
        command.addAll(List.of(SHELL.toString(), "-c", SCRIPT, "postgres-watcher"));
        command.addAll(List.of(
                home.directory().toString(), home.token(), home.data().toString(), Boolean.toString(home.kept())));
        return new Watcher(new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                // An inherited stream would keep a reader of our output waiting for the watcher's end.
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Tells the watcher that there is nothing left to do. */
    void release() {
        if (process == null) {
            return;
        }
        try (Writer pipe = process.outputWriter(StandardCharsets.US_ASCII)) {
            pipe.write("closed\n");
        } catch (IOException e) {
            // It is gone already; it was wanted for one thing only, and that is done.
            return;
        }
    }
}
