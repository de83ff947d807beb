package dev.dualwrite.relay.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a pod is told on its command line.
 *
 * @param orders the file that tells its sink what to do
 * @param shards what it believes the shard count to be
 * @param clockHoursOff how far ShedLock's clock is from the right time
 * @param records whether the sink writes down each version that it is asked to apply
 */
record PodSettings(String primary, String secondary, String orders, int shards, int clockHoursOff, boolean records) {

    /** Exit code of a pod that must not work with this database. */
    static final int REFUSED = 2;

    /** Exit code of a pod whose relay was stopped by an error. */
    static final int BROKEN = 3;

    PodSettings withShards(int other) {
        return new PodSettings(primary, secondary, orders, other, clockHoursOff, records);
    }

    PodSettings withClockHoursOff(int hours) {
        return new PodSettings(primary, secondary, orders, shards, hours, records);
    }

    List<String> arguments() {
        return List.of(
                "primary=" + primary,
                "secondary=" + secondary,
                "orders=" + orders,
                "shards=" + shards,
                "clockHoursOff=" + clockHoursOff,
                "records=" + records);
    }

    static PodSettings parse(String[] args) {
        Map<String, String> values = Arrays.stream(args)
                .map(arg -> arg.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        return new PodSettings(
                values.get("primary"),
                values.get("secondary"),
                values.get("orders"),
                Integer.parseInt(values.get("shards")),
                Integer.parseInt(values.get("clockHoursOff")),
                Boolean.parseBoolean(values.get("records")));
    }
}
