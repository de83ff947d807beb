package dev.dualwrite.relay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

/** What happens to the process of a relay. */
final class PodFaults {

    private PodFaults() {}

    /** The node is gone. */
    record KillPod() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            cluster.anyPod().kill();
        }
    }

    /** A long pause of the machine: the pod wakes up when its lanes are others', and believes that they are its own. */
    record Zombie() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            Pod pod = cluster.anyPod();
            pod.signal("STOP");
            cluster.pace.pause(ChaosPod.LEASE.plusSeconds(2));
            pod.signal("CONT");
        }
    }

    /** A deployment. */
    record RestartPodGracefully() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            Pod pod = cluster.anyPod();
            if (pod.isAlive()) {
                pod.stop();
            }
        }
    }

    /** A pod whose clock is an hour ahead or behind: leases go by the database's. */
    record SkewClock() implements Fault {
        @Override
        public void strike(Cluster cluster) throws Exception {
            int hours = cluster.random.nextBoolean() ? 1 : -1;
            cluster.anyPod().restartAs(cluster.podSettings.withClockHoursOff(hours));
        }
    }

    /** A pod that computes other shards would mix up the order: it must not start. */
    record WrongShardCount() implements Fault {

        /** It got no connection within two seconds, on a machine that had no time for it: its main thread ended. */
        private static final int FAILED_TO_CONNECT = 1;

        @Override
        public void strike(Cluster cluster) throws Exception {
            int exit = FAILED_TO_CONNECT;
            for (int start = 0; start < 3 && exit == FAILED_TO_CONNECT; start++) {
                try (Pod pod = cluster.newPod(cluster.podSettings.withShards(Primary.SHARDS * 2))) {
                    exit = pod.awaitExit();
                }
            }
            assertThat(exit).as("exit code").isEqualTo(PodSettings.REFUSED);
        }
    }
}
