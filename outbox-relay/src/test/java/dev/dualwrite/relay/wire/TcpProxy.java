package dev.dualwrite.relay.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A wire to a database that counts round trips, can be cut, fall silent in each direction, refuse, and lead elsewhere. */
public final class TcpProxy implements AutoCloseable {

    /** Which way bytes go. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    private final ServerSocket server;
    private final AtomicInteger roundTrips = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object flow = new Object();
    private Set<Direction> silent = Set.of();
    private volatile int cutAt = Integer.MAX_VALUE;
    private volatile int target;
    private volatile boolean refusing;

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

    /** How often something was sent after the whole answer to what was sent before, since the last reset. */
    public int roundTrips() {
        return roundTrips.get();
    }

    public void reset() {
        roundTrips.set(0);
        cutAt = Integer.MAX_VALUE;
    }

    /** Ends every connection in the middle of that round trip, once: the request arrives, the answer does not. */
    public void cutAt(int roundTrip) {
        cutAt = roundTrip;
    }

    /** From now on nothing comes through, not even a farewell, and nobody is told. */
    public void fallSilent() {
        fallSilent(Direction.values());
    }

    /** The same for these directions only; the others speak again. None given: all speak, and what was held back follows. */
    public void fallSilent(Direction... directions) {
        synchronized (flow) {
            silent = Set.of(directions);
            flow.notifyAll();
        }
    }

    /** Later connections lead there. */
    public void leadTo(int port) {
        target = port;
    }

    /** Hangs up on whoever calls from now on. */
    public void refuse(boolean newcomers) {
        refusing = newcomers;
    }

    /** Ends every connection that there is. */
    public void cut() {
        sockets.forEach(TcpProxy::hangUp);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
        fallSilent(new Direction[0]);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                // Closed, which ends the loop; or a client that was gone again.
            }
        }
    }

    private void connect(Socket client) {
        if (refusing) {
            hangUp(client);
            return;
        }
        try {
            Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(database);
            // The server has the last word before each turn of the client.
            var clientsTurn = new AtomicBoolean(true);
            daemon(() -> pump(client, database, Direction.TO_SERVER, (bytes, length) -> {
                if (clientsTurn.compareAndSet(true, false) && roundTrips.incrementAndGet() == cutAt) {
                    cut();
                }
            }));
            var answers = new Answers();
            daemon(() -> pump(database, client, Direction.TO_CLIENT, (bytes, length) -> {
                if (answers.endWithin(bytes, length)) {
                    clientsTurn.set(true);
                }
            }));
        } catch (IOException e) {
            // Nobody is there: the client is told, as far as a proxy can.
            hangUp(client);
        }
    }

    private interface OnBytes {
        void seen(byte[] bytes, int length);
    }

    private void pump(Socket from, Socket to, Direction direction, OnBytes onBytes) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitFlow(direction);
                onBytes.seen(buffer, read);
                out.write(buffer, 0, read);
            }
            awaitFlow(direction);
        } catch (IOException e) {
            // One side hung up: so does the other.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
            hangUp(from);
            hangUp(to);
        }
    }

    private void awaitFlow(Direction direction) throws InterruptedException {
        synchronized (flow) {
            while (silent.contains(direction)) {
                flow.wait();
            }
        }
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(Runnable task) {
        var thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
