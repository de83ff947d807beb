package dev.dualwrite.bench.producer;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a service and its server, and counts how often the server says that it is ready for the next query: that is
 * what a client waits for, so it is the number of round trips, however many messages one of them carries. Thread-safe.
 *
 * <p>Sessions must not be encrypted: {@link #url} sees to that.
 */
final class CountingProxy implements AutoCloseable {

    private static final byte READY_FOR_QUERY = 'Z';
    private static final int BUFFER = 1 << 16;

    private final ServerSocket listener;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong roundTrips = new AtomicLong();

    /** In front of the server at this port of the loopback interface. */
    CountingProxy(int port) throws IOException {
        this.port = port;
        this.listener = new ServerSocket(0, 0, InetAddress.getByName("localhost"));
        start(this::accept);
    }

    String url(String database) {
        return "jdbc:postgresql://localhost:" + listener.getLocalPort() + "/" + database + "?sslmode=disable";
    }

    /** Of all sessions, until now. */
    long roundTrips() {
        return roundTrips.get();
    }

    /** What a thread does until a socket is closed. */
    private interface Pump {
        void run() throws IOException;
    }

    private static void start(Pump pump) {
        var thread = new Thread(
                () -> {
                    try {
                        pump.run();
                    } catch (IOException e) {
                        // One side has closed its socket: the session is over.
                    }
                },
                "counting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = opened(listener.accept());
            Socket server = opened(new Socket(InetAddress.getByName("localhost"), port));
            start(() -> {
                try (client;
                        server) {
                    client.getInputStream().transferTo(server.getOutputStream());
                }
            });
            start(() -> {
                try (client;
                        server) {
                    answers(server.getInputStream(), client.getOutputStream());
                }
            });
        }
    }

    private Socket opened(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    /** Every message of the server is a letter, and a length that counts itself. */
    private void answers(InputStream from, OutputStream to) throws IOException {
        var messages = new DataInputStream(new BufferedInputStream(from, BUFFER));
        while (true) {
            byte type = messages.readByte();
            int length = messages.readInt();
            byte[] message = new byte[length + 1];
            message[0] = type;
            ByteBuffer.wrap(message).putInt(1, length);
            messages.readFully(message, 1 + Integer.BYTES, length - Integer.BYTES);
            if (type == READY_FOR_QUERY) {
                roundTrips.incrementAndGet();
            }
            to.write(message);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
