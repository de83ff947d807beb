package dev.dualwrite.relay.sink.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A wire to the secondary that counts round trips, can fall silent, and can be absent. */
public final class TcpProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final AtomicInteger roundTrips = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean silent;

    /** Listens on a port, 0 for a free one. */
    public TcpProxy(int port, int target) {
        try {
            this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.target = target;
        daemon(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** How often something was sent after something was received, since the last reset. */
    int roundTrips() {
        return roundTrips.get();
    }

    void reset() {
        roundTrips.set(0);
    }

    /** From now on nothing comes through, and nobody is told. */
    public void fallSilent() {
        silent = true;
    }

    @Override
    public void close() throws IOException {
        server.close();
        closed.countDown();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, database));
                // The server has the last word before each turn of the client.
                var clientsTurn = new AtomicBoolean(true);
                daemon(() -> pump(client, database, () -> {
                    if (clientsTurn.compareAndSet(true, false)) {
                        roundTrips.incrementAndGet();
                    }
                }));
                daemon(() -> pump(database, client, () -> clientsTurn.set(true)));
            }
        } catch (IOException e) {
            // Closed: the end of this thread.
        }
    }

    private void pump(Socket from, Socket to, Runnable onBytes) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (silent) {
                    closed.await();
                    return;
                }
                onBytes.run();
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // One side hung up: so does the other.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void daemon(Runnable task) {
        var thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
