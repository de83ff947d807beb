package dev.dualwrite.sample.browser;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server that can be cut: from the browser's side that looks like a server that is stopped. */
public final class Tunnel implements AutoCloseable {

    private final ServerSocket door;
    private final int target;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    public Tunnel(int target) throws IOException {
        this(target, 0);
    }

    /** On a port that another one had before. */
    public Tunnel(int target, int port) throws IOException {
        this.target = target;
        this.door = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        begin("tunnel", this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    private void accept() throws IOException {
        while (true) {
            Socket near = door.accept();
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(near);
            open.add(far);
            begin("tunnel-there", () -> copy(near, far));
            begin("tunnel-back", () -> copy(far, near));
        }
    }

    private static void copy(Socket from, Socket to) throws IOException {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        }
    }

    /** Some work that ends when the tunnel is cut. */
    private interface Work {
        void run() throws IOException;
    }

    private static void begin(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // Cut.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Closeable socket : open) {
            socket.close();
        }
    }
}
