package dev.dualwrite.relay.chaos;

/** Something that goes wrong, for a while. */
@FunctionalInterface
interface Fault {

    /** Does it, and takes it back unless that is for others to do (a dead pod is started again by the run). */
    void strike(Cluster cluster) throws Exception;

    default String name() {
        return getClass().getSimpleName();
    }
}
