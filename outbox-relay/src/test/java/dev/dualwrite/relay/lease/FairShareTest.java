package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.MemberStore.LockedLane;
import dev.dualwrite.outbox.jdbc.MemberStore.Member;
import dev.dualwrite.relay.lease.FairShare.Own;
import dev.dualwrite.relay.lease.FairShare.Plan;
import dev.dualwrite.relay.lease.FairShare.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What one relay does about lanes. Rows of the matrix are what others look like, columns what it holds itself. */
class FairShareTest {

    /** Eight lanes; {@code -} is free, a letter is its holder, {@code x} a holder that is no member. */
    private static final Map<String, String> OTHERS = new TreeMap<>(Map.of(
            "alone, all free", "me: --------",
            "alone, somebody who died holds all", "me: xxxxxxxx",
            "alone, somebody who died holds half", "me: xxxx----",
            "one other that holds nothing", "me b: --------",
            "one other that holds half", "me b: bbbb----",
            "one other that holds all", "me b: bbbbbbbb",
            "two others, three lanes each", "me b c: bbbccc--",
            "two others that hold all", "me b c: bbbbcccc"));

    private static final Map<String, String> EXPECTED = Map.of(
            "alone, all free", "+01234567",
            "alone, somebody who died holds all", "",
            "alone, somebody who died holds half", "+4567",
            "one other that holds nothing", "+0123",
            "one other that holds half", "+4567",
            "one other that holds all", "",
            "two others, three lanes each", "+67",
            "two others that hold all", "");

    /** The same when this one holds the first three lanes of those that are free, longest the last of them. */
    private static final Map<String, String> EXPECTED_WITH_THREE = Map.of(
            "alone, all free", "+34567",
            "alone, somebody who died holds half", "+7",
            "one other that holds nothing", "+3",
            "one other that holds half", "+7",
            "two others, three lanes each", "");

    @TestFactory
    Stream<DynamicTest> holdingNothing() {
        return OTHERS.keySet().stream()
                .map(other -> DynamicTest.dynamicTest(
                        other,
                        () -> assertThat(text(plan(OTHERS.get(other), o -> o))).isEqualTo(EXPECTED.get(other))));
    }

    @TestFactory
    Stream<DynamicTest> holdingThree() {
        return EXPECTED_WITH_THREE.keySet().stream()
                .map(other -> DynamicTest.dynamicTest(other, () -> {
                    String world = OTHERS.get(other);
                    int free = world.indexOf('-');
                    int count = Math.min(3, world.length() - free);
                    String mine = world.substring(0, free) + "m".repeat(count) + world.substring(free + count);

                    assertThat(text(plan(mine, o -> o))).isEqualTo(EXPECTED_WITH_THREE.get(other));
                }));
    }

    @Test
    void lanesHeldLongestAreGivenBackFirst() {
        Plan plan = plan("me b: mmmmmm--", own -> {
            var reversed = new ArrayList<>(own.held());
            Collections.reverse(reversed);
            return new Own(reversed, Set.of(), Set.of(), Set.of(), Set.of());
        });

        assertThat(text(plan)).isEqualTo("-54");
    }

    @Test
    void laneThatIsGivenBackAlreadyIsNotCountedAsExcessAgain() {
        Plan plan = plan(
                "me b: mmmmmm--", own -> new Own(own.held(), Set.of(lane(3), lane(5)), Set.of(), Set.of(), Set.of()));

        assertThat(text(plan)).isEmpty();
    }

    @Test
    void laneThatCannotBeTakenIsLeftAndAnotherTakenInstead() {
        Plan plan = plan(
                "me b: --------", own -> new Own(List.of(), Set.of(), Set.of(lane(0), lane(2)), Set.of(), Set.of()));

        assertThat(text(plan)).isEqualTo("+1345");
    }

    @Test
    void orphanIsTakenBeyondTheShare() {
        Plan plan = plan("me b: mmmmbbb-", own -> new Own(own.held(), Set.of(), Set.of(), Set.of(lane(7)), Set.of()));

        assertThat(text(plan)).isEqualTo("+7");
        assertThat(text(plan("me b: mmmmbbb-", own -> own))).isEmpty();
    }

    @Test
    void adoptedLaneIsNotTheOneThatIsGivenBack() {
        Plan plan = plan("me b: mmmmmb--", own -> new Own(own.held(), Set.of(), Set.of(), Set.of(), Set.of(lane(0))));

        assertThat(text(plan)).isEqualTo("-1");
    }

    @Test
    void orphanThatCannotBeTakenHereEitherIsLeft() {
        Plan plan = plan(
                "me b: mmmmbbb-", own -> new Own(own.held(), Set.of(), Set.of(lane(7)), Set.of(lane(7)), Set.of()));

        assertThat(text(plan)).isEmpty();
    }

    @Test
    void membersWithTheSameViewNeverTryTheSameLane() {
        String world = "me b c: --------";

        List<Lane> all = Stream.of("me", "b", "c")
                .flatMap(who -> FairShare.plan(view(world, who, own(List.of()))).take().stream())
                .toList();

        assertThat(all).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void memberThatDoesNotCarryTheSinkCountsForNothing() {
        View view = view("me b: --------", "me", own(List.of()));
        var members = List.of(view.members().get(0), new Member("b", Set.of((short) 9)));

        assertThat(text(FairShare.plan(new View("me", members, view.lanes(), view.own()))))
                .isEqualTo("+01234567");
    }

    private static Plan plan(String world, UnaryOperator<Own> own) {
        List<Lane> mine = new ArrayList<>();
        String lanes = world.substring(world.indexOf(':') + 2);
        for (int shard = 0; shard < lanes.length(); shard++) {
            if (lanes.charAt(shard) == 'm') {
                mine.add(lane(shard));
            }
        }
        return FairShare.plan(view(world, "me", own.apply(own(mine))));
    }

    private static View view(String world, String who, Own own) {
        String[] parts = world.split(": ");
        var members = Arrays.stream(parts[0].split(" "))
                .map(m -> new Member(m, Set.of((short) 0)))
                .toList();
        var lanes = new ArrayList<LockedLane>();
        for (int shard = 0; shard < parts[1].length(); shard++) {
            lanes.add(new LockedLane(lane(shard), holder(parts[1].charAt(shard)), Duration.ofSeconds(1)));
        }
        return new View(who, members, lanes, own);
    }

    private static @Nullable String holder(char letter) {
        return switch (letter) {
            case '-' -> null;
            case 'm' -> "me";
            default -> String.valueOf(letter);
        };
    }

    private static Own own(List<Lane> held) {
        return new Own(held, Set.of(), Set.of(), Set.of(), Set.of());
    }

    private static Lane lane(int shard) {
        return new Lane((short) 0, shard, "copy/" + shard);
    }

    /** The shards taken after a plus, those given back after a minus. */
    private static String text(Plan plan) {
        return text("+", plan.all()) + text("-", plan.giveBack());
    }

    private static String text(String sign, List<Lane> lanes) {
        var text = new StringBuilder();
        lanes.forEach(lane -> text.append(lane.shard()));
        return text.isEmpty() ? "" : sign + text;
    }
}
