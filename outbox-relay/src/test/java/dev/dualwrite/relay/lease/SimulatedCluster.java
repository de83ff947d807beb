package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.MemberStore.LockedLane;
import dev.dualwrite.outbox.jdbc.MemberStore.Member;
import dev.dualwrite.relay.lease.FairShare.Own;
import dev.dualwrite.relay.lease.FairShare.Plan;
import dev.dualwrite.relay.lease.FairShare.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Members and lanes without a database: a lane is taken only if nobody holds it, as its lock has it. */
final class SimulatedCluster {

    private static final int MAX_MEMBERS = 16;

    /** Long against the rounds in which members come to an agreement. */
    static final int ADOPTED_FOR_ROUNDS = 60;

    private final Random random;
    private final int sinks;
    private final int shards;
    private final List<Lane> lanes = new ArrayList<>();
    private final Map<Lane, String> holders = new HashMap<>();
    private final Map<Lane, Integer> freeRounds = new HashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private Map<Lane, String> earlier = Map.of();
    private int names;
    private int moves;
    private long round;

    /** A relay of the model. */
    private static final class Node {
        final Member member;
        final Set<Lane> unable = new HashSet<>();
        Orphans orphans = new Orphans(1);
        final Set<Lane> held = new LinkedHashSet<>();
        final Map<Lane, Long> adopted = new HashMap<>();

        Node(Member member) {
            this.member = member;
        }
    }

    SimulatedCluster(Random random) {
        this.random = random;
        this.sinks = 1 + random.nextInt(4);
        this.shards = random.nextBoolean() ? 1 + random.nextInt(8) : 1 + random.nextInt(256);
        for (short sink = 1; sink <= sinks; sink++) {
            for (int shard = 0; shard < shards; shard++) {
                lanes.add(new Lane(sink, shard, sink + "/" + shard));
            }
        }
    }

    int moves() {
        return moves;
    }

    void forgetOrphans() {
        nodes.values().forEach(node -> node.orphans = new Orphans(1));
    }

    /** Some leave, and their lanes are free (their leases are over, or given back); some join. At least one stays. */
    void changeMembers() {
        nodes.values().removeIf(node -> {
            boolean leaves = random.nextInt(4) == 0;
            if (leaves) {
                node.held.forEach(holders::remove);
            }
            return leaves;
        });
        int joining = Math.max(nodes.isEmpty() ? 1 : 0, random.nextInt(1 + MAX_MEMBERS - nodes.size()));
        for (int i = 0; i < joining; i++) {
            Set<Short> carried = new HashSet<>();
            for (short sink = 1; sink <= sinks; sink++) {
                if (random.nextInt(4) > 0) {
                    carried.add(sink);
                }
            }
            String name = "r" + names++;
            nodes.put(name, new Node(new Member(name, carried)));
        }
    }

    /** Every member cannot take up to two lanes, and each lane can be taken by all but one. */
    void makeSomeUnable() {
        var shuffled = new ArrayList<>(lanes);
        Collections.shuffle(shuffled, random);
        int next = 0;
        for (Node node : nodes.values()) {
            for (int i = 0; i < 2 && next < shuffled.size(); i++) {
                node.unable.add(shuffled.get(next++));
            }
        }
    }

    /** Rounds until one changes nothing. */
    int settle(int atMost) {
        for (int i = 0; i < atMost; i++) {
            if (!round(false) && disorder().isEmpty()) {
                return i;
            }
        }
        return atMost;
    }

    /** Everybody looks, then acts one after the other; those that are late act on what was seen a round before. */
    boolean round(boolean late) {
        Map<Lane, String> now = Map.copyOf(holders);
        var order = new ArrayList<>(nodes.values());
        Collections.shuffle(order, random);
        boolean changed = false;
        round++;
        for (Node node : order) {
            changed |= act(node, late && random.nextInt(3) == 0 ? earlier : now);
        }
        earlier = now;
        lanes.forEach(lane -> freeRounds.merge(lane, 1, (old, one) -> holders.containsKey(lane) ? 0 : old + one));
        return changed;
    }

    private boolean act(Node node, Map<Lane, String> seen) {
        String me = node.member.relay();
        List<LockedLane> locked = new ArrayList<>();
        for (Lane lane : lanes) {
            if (node.member.sinkIds().contains(lane.sinkId())) {
                String holder = node.held.contains(lane) ? me : me.equals(seen.get(lane)) ? null : seen.get(lane);
                locked.add(new LockedLane(lane, holder, Duration.ofSeconds(1)));
            }
        }
        List<Lane> free = locked.stream()
                .filter(l -> l.holder() == null)
                .map(LockedLane::lane)
                .toList();
        node.adopted.values().removeIf(since -> round - since > ADOPTED_FOR_ROUNDS);
        Set<Lane> orphans = node.orphans.seen(free, round);
        var own = new Own(List.copyOf(node.held), Set.of(), node.unable, orphans, Set.copyOf(node.adopted.keySet()));
        var members = nodes.values().stream().map(n -> n.member).toList();
        Plan plan = FairShare.plan(new View(me, members, locked, own));
        for (Lane lane : plan.giveBack()) {
            if (!node.held.remove(lane) || !holders.remove(lane, me)) {
                throw new AssertionError(me + " gives back " + lane + ", which it does not hold");
            }
            node.adopted.remove(lane);
            moves++;
        }
        boolean taken = false;
        for (Lane lane : plan.all()) {
            if (node.unable.contains(lane)) {
                throw new AssertionError(me + " takes " + lane + ", which it cannot");
            }
            if (holders.putIfAbsent(lane, me) == null) {
                node.held.add(lane);
                taken = true;
                if (plan.adopt().contains(lane)) {
                    node.adopted.put(lane, round);
                }
            }
        }
        return taken || !plan.giveBack().isEmpty();
    }

    /** Over all ways to share out evenly, the least that members hold above their shares now. */
    int fewestMoves() {
        int fewest = 0;
        for (short sink = 1; sink <= sinks; sink++) {
            List<Integer> held = heldOf(sink);
            if (!held.isEmpty()) {
                int base = shards / held.size();
                int extras = shards % held.size();
                int above = held.stream().mapToInt(h -> Math.max(0, h - base)).sum();
                int holdExtra = (int) held.stream().filter(h -> h > base).count();
                fewest += above - Math.min(extras, holdExtra);
            }
        }
        return fewest;
    }

    /** What is not as it should be in the end; empty if all is. */
    List<String> disorder() {
        var disorder = new ArrayList<String>();
        for (short sink = 1; sink <= sinks; sink++) {
            List<Integer> held = heldOf(sink);
            if (held.isEmpty()) {
                continue;
            }
            int sum = held.stream().mapToInt(Integer::intValue).sum();
            if (sum != shards || Collections.max(held) - Collections.min(held) > 1) {
                disorder.add("sink " + sink + ", " + shards + " shards: " + held);
            }
        }
        return disorder;
    }

    int freeForRoundsAtMost() {
        return lanes.stream()
                .filter(lane -> nodes.values().stream()
                        .anyMatch(n -> n.member.sinkIds().contains(lane.sinkId()) && !n.unable.contains(lane)))
                .mapToInt(lane -> freeRounds.getOrDefault(lane, 0))
                .max()
                .orElse(0);
    }

    private List<Integer> heldOf(short sink) {
        Map<String, Integer> held = new TreeMap<>();
        for (Node node : nodes.values()) {
            if (node.member.sinkIds().contains(sink)) {
                held.put(node.member.relay(), (int)
                        node.held.stream().filter(l -> l.sinkId() == sink).count());
            }
        }
        return List.copyOf(held.values());
    }
}
