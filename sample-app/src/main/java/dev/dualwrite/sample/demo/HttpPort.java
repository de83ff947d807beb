package dev.dualwrite.sample.demo;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port of the order service where nobody has set one: 8080, or the next one that is free.
 *
 * <p>Seconds go by until the web server takes the port; so that another checkout that starts meanwhile does not choose the
 * same one, it is claimed by a locked file for as long as this process lives.
 */
final class HttpPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);
    private static final int WANTED = 8080;

    /** Guessed: more checkouts than that side by side nobody has. */
    private static final int TRIES = 100;

    private final int number;
    private final @Nullable FileChannel claim;

    private HttpPort(int number, @Nullable FileChannel claim) {
        this.number = number;
        this.claim = claim;
    }

    static HttpPort firstFree() throws IOException {
        for (int number = WANTED; number < WANTED + TRIES; number++) {
            FileChannel claim = claim(number);
            if (claim != null && isFree(number)) {
                if (number != WANTED) {
                    LOG.warn("sample_http_port_taken wanted={} port={}", WANTED, number);
                }
                return new HttpPort(number, claim);
            }
            if (claim != null) {
                claim.close();
            }
        }
        // Let the web server say that it is taken.
        return new HttpPort(WANTED, null);
    }

    int number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        if (claim != null) {
            claim.close();
        }
    }

    @SuppressWarnings("resource") // closing it would give the claim back
    private static @Nullable FileChannel claim(int number) throws IOException {
        // One file for each user: nobody can lock the file of somebody else.
        Path file = Path.of(
                System.getProperty("java.io.tmpdir"),
                "dualwrite-sample-" + System.getProperty("user.name") + "-" + number + ".lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("sample_http_port_claimed port={} by=this_process", number);
        }
        channel.close();
        return null;
    }

    private static boolean isFree(int number) {
        try (ServerSocket socket = new ServerSocket(number)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
