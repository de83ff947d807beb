package dev.dualwrite.relay.chaos;

import dev.dualwrite.relay.wire.TcpProxy;
import dev.dualwrite.relay.wire.TcpProxy.Direction;

/** What happens to the network between pods, writers and stores. */
final class WireFaults {

    /** Longer than a lease, and than the socket timeout of the pods. */
    private static final long STALL_MS = 4000;

    private WireFaults() {}

    /** Every connection to the primary ends, in whatever state. */
    record CutPrimary() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            cut(cluster, cluster.primary.store().proxy());
        }
    }

    /** Every connection to the secondary ends, in whatever state. */
    record CutSecondary() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            cut(cluster, cluster.secondary.store().proxy());
        }
    }

    /** Requests or answers stay on the way, and arrive when nobody waits for them any more. */
    record StallPrimary() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            stall(cluster, cluster.primary.store().proxy());
        }
    }

    /** The same at the secondary: a write may arrive when the lane is another's. */
    record StallSecondary() implements Fault {
        @Override
        public void strike(Cluster cluster) {
            stall(cluster, cluster.secondary.store().proxy());
        }
    }

    /** Some times in a row, so that retries are hit too; then nobody is let in for a while. */
    private static void cut(Cluster cluster, TcpProxy proxy) {
        for (int i = 0; i < 3; i++) {
            proxy.cut();
            cluster.pace.pause(100 + cluster.random.nextInt(200));
        }
        proxy.refuse(true);
        proxy.cut();
        cluster.pace.pause(500);
        proxy.refuse(false);
    }

    private static void stall(Cluster cluster, TcpProxy proxy) {
        Direction[] both = Direction.values();
        proxy.fallSilent(both[cluster.random.nextInt(both.length)]);
        cluster.pace.pause(STALL_MS);
        proxy.fallSilent(new Direction[0]);
    }
}
