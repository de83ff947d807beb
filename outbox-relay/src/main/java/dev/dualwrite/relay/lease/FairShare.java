package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.MemberStore.LockedLane;
import dev.dualwrite.outbox.jdbc.MemberStore.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many lanes a relay should hold, which free ones it takes, and which of its own it gives back. A pure function of what
 * it sees.
 *
 * <p>Each sink is shared out on its own among the members that carry it (see {@link SinkShare}), so members with the same
 * view come to the same shares though they know nothing of each other's other sinks. Views may differ for a while: a lane is
 * only ever taken when it is free and under its lock, so what differs costs time and not the one owner.
 *
 * <p>Free lanes are gone through from a place that is each member's own: behind what the members before it still miss. With
 * equal views no two try the same lane.
 */
final class FairShare {

    private FairShare() {}

    /**
     * What a relay sees.
     *
     * @param me the id in its own locks
     * @param members those alive, the one that started first at the front
     * @param lanes every lane of its sinks, by sink and shard
     */
    record View(String me, List<Member> members, List<LockedLane> lanes, Own own) {}

    /**
     * What it knows of itself.
     *
     * @param held its lanes, the one held longest at the front
     * @param givingBack those of them that it gives back already
     * @param unable lanes that it cannot take: a call of its own to their sink does not return
     * @param orphans free lanes that nobody takes (see {@link Orphans}): whoever can takes them, beyond its share
     * @param adopted those of its own that were such orphans not long ago: given back, they would be orphans again
     */
    record Own(List<Lane> held, Set<Lane> givingBack, Set<Lane> unable, Set<Lane> orphans, Set<Lane> adopted) {}

    /**
     * What it should do.
     *
     * @param share how many lanes it should hold, of all its sinks together
     * @param take of its share, in this order
     * @param adopt orphans, beyond its share
     * @param giveBack in this order
     */
    record Plan(int share, List<Lane> take, List<Lane> adopt, List<Lane> giveBack) {

        /** Everything to be taken. */
        List<Lane> all() {
            return Stream.concat(take.stream(), adopt.stream()).toList();
        }
    }

    static Plan plan(View view) {
        Map<Short, List<LockedLane>> bySink = view.lanes().stream()
                .collect(Collectors.groupingBy(l -> l.lane().sinkId(), TreeMap::new, Collectors.toList()));
        int sum = 0;
        var take = new ArrayList<Lane>();
        var adopt = new ArrayList<Lane>();
        var giveBack = new ArrayList<Lane>();
        for (Map.Entry<Short, List<LockedLane>> sink : bySink.entrySet()) {
            Map<String, Integer> held = heldBy(sink.getValue());
            Map<String, Integer> shares = SinkShare.of(
                    sink.getKey(),
                    carriers(view, sink.getKey()),
                    held,
                    sink.getValue().size());
            int share = shares.getOrDefault(view.me(), 0);
            sum += share;
            List<Lane> mine = mine(view.own(), sink.getKey());
            mine.stream()
                    .filter(lane -> !view.own().adopted().contains(lane))
                    .limit(Math.max(0, mine.size() - share))
                    .forEach(giveBack::add);
            List<Lane> able = rotated(free(sink.getValue()), missedBefore(view.me(), shares, held)).stream()
                    .filter(lane -> !view.own().unable().contains(lane))
                    .toList();
            int missing = Math.max(0, share - mine.size());
            able.stream().limit(missing).forEach(take::add);
            List<Lane> orphans = able.stream()
                    .skip(missing)
                    .filter(lane -> view.own().orphans().contains(lane))
                    .toList();
            // The others see them too.
            orphans.stream().limit(perCarrier(orphans.size(), shares.size())).forEach(adopt::add);
        }
        return new Plan(sum, take, adopt, giveBack);
    }

    private static int perCarrier(int lanes, int carriers) {
        return carriers == 0 ? 0 : (lanes + carriers - 1) / carriers;
    }

    private static List<String> carriers(View view, short sink) {
        return view.members().stream()
                .filter(member -> member.sinkIds().contains(sink))
                .map(Member::relay)
                .toList();
    }

    private static Map<String, Integer> heldBy(List<LockedLane> lanes) {
        Map<String, Integer> held = new HashMap<>();
        for (LockedLane lane : lanes) {
            String holder = lane.holder();
            if (holder != null) {
                held.merge(holder, 1, Integer::sum);
            }
        }
        return held;
    }

    private static List<Lane> mine(Own own, short sink) {
        return own.held().stream()
                .filter(lane -> lane.sinkId() == sink && !own.givingBack().contains(lane))
                .toList();
    }

    private static List<Lane> free(List<LockedLane> lanes) {
        return lanes.stream()
                .filter(lane -> lane.holder() == null)
                .map(LockedLane::lane)
                .toList();
    }

    /** How many lanes the members in front of this one will want. */
    private static int missedBefore(String me, Map<String, Integer> shares, Map<String, Integer> held) {
        int missed = 0;
        for (Map.Entry<String, Integer> share : shares.entrySet()) {
            if (share.getKey().equals(me)) {
                return missed;
            }
            missed += Math.max(0, share.getValue() - held.getOrDefault(share.getKey(), 0));
        }
        return missed;
    }

    private static List<Lane> rotated(List<Lane> lanes, int places) {
        if (lanes.isEmpty()) {
            return lanes;
        }
        int start = places % lanes.size();
        var rotated = new ArrayList<Lane>(lanes.subList(start, lanes.size()));
        rotated.addAll(lanes.subList(0, start));
        return rotated;
    }
}
