package dev.dualwrite.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** The contract is worth something only if a wrong sink fails it, rule by rule. */
class SinkContractTest {

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("defects")
    void brokenSinkFailsTheRule(Defect defect, String rule) {
        EngineExecutionResults run = EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(BrokenSinkContract.class, rule))
                .configurationParameter(BrokenSinkContract.DEFECT, defect.name())
                .execute();

        assertThat(run.testEvents().failed().stream().map(SinkContractTest::failure))
                .as("what failed of %s on a sink that %s", rule, defect)
                .singleElement()
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void everyRuleHasASinkThatBreaksIt() {
        assertThat(defects().map(a -> a.get()[1])).containsExactlyInAnyOrderElementsOf(rules());
    }

    @Test
    void noRuleIsLeftOutForASinkThatClaimsEverything() {
        EngineExecutionResults run = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(MemorySinkContractTest.class))
                .execute();

        assertThat(run.testEvents().succeeded().stream().map(SinkContractTest::rule))
                .containsExactlyInAnyOrderElementsOf(rules());
    }

    @Test
    void ruleThatASinkDoesNotClaimIsSkippedWithTheReason() {
        EngineExecutionResults run = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(ModestSinkContract.class))
                .execute();

        assertThat(run.testEvents().failed().list()).isEmpty();
        assertThat(run.testEvents().aborted().stream()
                        .map(event -> rule(event) + ": " + failure(event).getMessage()))
                .containsExactlyInAnyOrder(
                        "everyEntryGetsOneResultInTheOrderOfTheBatch: " + leavesOut("GUARDED_BY_VERSION"),
                        "olderUpsertAfterANewerOneIsStale: " + leavesOut("GUARDED_BY_VERSION"),
                        "olderDeletionAfterANewerUpsertIsStale: " + leavesOut("GUARDED_BY_VERSION"),
                        "olderUpsertAfterADeletionIsStale: " + leavesOut("REMEMBERS_DELETIONS"),
                        "awkwardIdsAreTakenAndStayApart: " + leavesOut("TAKES_ANY_ID"),
                        "badPayloadIsRejectedForItsEntryOnly: Assumption failed: badPayload() gives none",
                        "callThatThrowsHasChangedNothing: " + leavesOut("TRANSACTIONAL"),
                        "newerUpsertWinsAgainstAnOlderUpsertAtTheSameTime: " + leavesOut("GUARDED_BY_VERSION"),
                        "deletionWinsAgainstAnOlderUpsertAtTheSameTime: " + leavesOut("GUARDED_BY_VERSION"),
                        "newerUpsertWinsAgainstAnOlderDeletionAtTheSameTime: " + leavesOut("GUARDED_BY_VERSION"));
    }

    static Stream<Arguments> defects() {
        return Arrays.stream(Defect.values())
                .flatMap(defect -> defect.rules().stream().map(rule -> Arguments.of(defect, rule)));
    }

    private static List<String> rules() {
        return Arrays.stream(SinkContract.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(Method::getName)
                .toList();
    }

    private static String leavesOut(String feature) {
        return "Assumption failed: features() leaves out " + feature;
    }

    private static String rule(Event event) {
        return event.getTestDescriptor().getDisplayName().replace("()", "");
    }

    private static Throwable failure(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }
}
