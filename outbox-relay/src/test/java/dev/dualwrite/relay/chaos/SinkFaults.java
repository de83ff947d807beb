package dev.dualwrite.relay.chaos;

import dev.dualwrite.relay.chaos.UnreliableSink.Order;
import java.io.IOException;

/** What a user's sink does, on every pod at once. */
final class SinkFaults {

    private SinkFaults() {}

    /** Fails in a way that says nothing of the store: entries are tried one by one and held. */
    record SinkThrows() implements Fault {
        @Override
        public void strike(Cluster cluster) throws IOException {
            during(cluster, Order.THROW, 1000);
        }
    }

    /** Does not come back before its timeout. */
    record SinkHangs() implements Fault {
        @Override
        public void strike(Cluster cluster) throws IOException {
            during(cluster, Order.HANG, 3000);
        }
    }

    /** Takes its time. */
    record SinkThrottles() implements Fault {
        @Override
        public void strike(Cluster cluster) throws IOException {
            during(cluster, Order.THROTTLE, 3000);
        }
    }

    /** Applies, and then the answer is lost: everything comes again. */
    record SinkLosesReply() implements Fault {
        @Override
        public void strike(Cluster cluster) throws IOException {
            during(cluster, Order.LOSE_REPLY, 2000);
        }
    }

    /** Ends its process, whatever the entry: the pods of a bad release, until it is taken back. */
    record SinkCrashes() implements Fault {
        @Override
        public void strike(Cluster cluster) throws IOException {
            during(cluster, Order.CRASH, 1000);
        }
    }

    private static void during(Cluster cluster, Order order, long millis) throws IOException {
        cluster.give(order);
        cluster.pace.pause(millis);
        cluster.give(Order.NONE);
    }
}
