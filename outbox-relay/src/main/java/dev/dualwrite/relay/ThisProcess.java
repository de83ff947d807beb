package dev.dualwrite.relay;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What a person calls this process: host name and process id. */
final class ThisProcess {

    private ThisProcess() {}

    /** Never a key: two processes may have the same name. */
    static String name() {
        return host() + "/" + ProcessHandle.current().pid();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A host whose own name does not resolve; the relay works all the same.
            return "unknown";
        }
    }
}
