package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.jdbc.AuditRecord;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.operate.OperatedApplication.Answer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The actuator of a service that nobody guards, over HTTP. */
class DualwriteEndpointIT {

    private static final String WHY = "{\"reason\": \"store was repaired\"}";

    private static TestDatabase database;
    private static OperatedApplication service;

    @BeforeAll
    static void start() {
        database = TestDatabases.create();
        service = OperatedApplication.open(
                database,
                "--dualwrite.operator.allow-unsecured-writes=true",
                "--management.endpoint.health.show-details=always",
                "--management.endpoint.health.probes.enabled=true",
                "--management.endpoint.health.group.mine.include=*",
                "--management.endpoint.health.group.alone.include=dualwriteOutbox",
                "--spring.jmx.enabled=true",
                "--management.endpoints.jmx.exposure.include=dualwrite");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void clear() throws SQLException {
        sql("DELETE FROM dualwrite.held_entry");
        sql("DELETE FROM dualwrite.audit_entry");
        sql("UPDATE dualwrite.sink SET paused_at = NULL, paused_by = NULL, paused_reason = NULL");
        held(7, "42", "dead");
        held(8, "42", "blocked");
    }

    @Test
    void overviewShowsSinksLanesAndRelays() {
        Answer answer = service.get("dualwrite");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/sinks/0/sink").asString()).isEqualTo("copy");
        assertThat(answer.body().at("/sinks/0/dead").asInt()).isOne();
        assertThat(answer.body().at("/sinks/0/backlog").asInt()).isEqualTo(2);
        assertThat(answer.body().at("/shards").size()).isEqualTo(16);
        assertThat(answer.body().at("/relays").isArray()).isTrue();
    }

    @Test
    void sinkIsShownAloneAndAnUnknownOneIsNotFound() {
        assertThat(service.get("dualwrite/copy").body().at("/shards").size()).isEqualTo(16);
        assertThat(service.get("dualwrite/nowhere").status()).isEqualTo(404);
        assertThat(service.get("dualwrite/nowhere/stuck").status()).isEqualTo(404);
        assertThat(service.get("dualwrite/copy/stuck?state=lost").status()).isEqualTo(400);
        assertThat(service.get("dualwrite/copy/other").status()).isEqualTo(404);
    }

    @Test
    void stuckEntriesOfASinkComeInPagesWithTheirNextStepAndWithoutPayload() {
        Answer answer = service.get("dualwrite/copy/stuck?limit=1");

        assertThat(answer.body().at("/entries").size()).isOne();
        assertThat(answer.body().at("/entries/0/entryId").asInt()).isEqualTo(7);
        assertThat(answer.body().at("/entries/0/nextStep").asString()).contains("requeue(7");
        assertThat(answer.body().at("/next").asInt()).isEqualTo(7);
        assertThat(service.get("dualwrite/copy/stuck?state=blocked")
                        .body()
                        .at("/entries/0/blockedBy")
                        .asInt())
                .isEqualTo(7);
        assertThat(answer.body().toString()).doesNotContain("payload", "marker");
    }

    @Test
    void sinkIsPausedAndResumedAndBothAreOnRecord() {
        assertThat(service.post("dualwrite/copy/pause", WHY).status()).isEqualTo(200);
        assertThat(service.get("dualwrite/copy").body().at("/state").asString()).isEqualTo("paused");
        assertThat(service.post("dualwrite/copy/resume", WHY).status()).isEqualTo(200);

        assertThat(audit()).extracting(AuditRecord::action).containsExactly("resume_sink", "pause_sink");
        assertThat(audit()).allSatisfy(act -> {
            assertThat(act.actor()).startsWith("unsecured via ");
            assertThat(act.reason()).isEqualTo("store was repaired");
        });
    }

    @Test
    void dryRunTellsWhatWouldBeTouchedAndChangesNothing() {
        Answer answer = service.post("dualwrite/copy/requeue", "{\"reason\": \"try\", \"dryRun\": true}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/dryRun").asBoolean()).isTrue();
        assertThat(answer.body().at("/touched").asInt()).isOne();
        assertThat(answer.body().at("/entries/0/entryId").asInt()).isEqualTo(7);
        assertThat(service.get("dualwrite/copy").body().at("/dead").asInt()).isOne();
        assertThat(audit()).isEmpty();
    }

    @Test
    void oneEntryIsDiscardedOrRequeuedByItsId() {
        Answer requeued = service.post("dualwrite/copy/requeue", "{\"reason\": \"cured\", \"entryId\": 7}");

        assertThat(requeued.body().at("/subject").asString()).isEqualTo("entry 7");
        Answer discarded = service.post("dualwrite/copy/discard", "{\"reason\": \"too late\", \"entryId\": 7}");
        assertThat(discarded.status()).isEqualTo(409);
        assertThat(discarded.body().at("/error").asString()).contains("entry 7 is backing_off");
    }

    @Test
    void entryOfAnotherSinkThanTheOneOfTheAddressIsRefused() {
        for (String action : List.of("requeue", "discard")) {
            Answer answer = service.post("dualwrite/nowhere/" + action, "{\"reason\": \"cured\", \"entryId\": 7}");

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.body().at("/error").asString())
                    .isEqualTo("entry 7 is not among the stuck entries of sink nowhere");
        }
        assertThat(service.get("dualwrite/copy").body().at("/dead").asInt()).isOne();
    }

    @Test
    void fieldThatIsNotKnownOrEmptyWidensNoAct() {
        for (String more : List.of(
                "\"entry_id\": 7",
                "\"dry_run\": true",
                "\"security\": 1",
                "\"entryId\": null",
                "\"entryId\": \"\"",
                "\"dryRun\": null")) {
            Answer answer = service.post("dualwrite/copy/requeue", "{\"reason\": \"cured\", " + more + "}");

            assertThat(answer.status()).as(more).isEqualTo(400);
            assertThat(answer.body().at("/error").asString()).as(more).contains("nothing was changed");
        }
        assertThat(service.post("dualwrite/copy/requeue?dry_run=true", WHY).status())
                .isEqualTo(400);
        assertThat(service.get("dualwrite/copy").body().at("/dead").asInt()).isOne();
        assertThat(audit()).isEmpty();
    }

    @Test
    void fieldsNeverStandInForThePath() {
        for (String more : List.of("\"sink\": \"search\"", "\"action\": \"requeue\"")) {
            assertThat(service.post("dualwrite/copy/pause", "{\"reason\": \"cured\", " + more + "}")
                            .status())
                    .as(more)
                    .isEqualTo(400);
        }
        assertThat(service.post("dualwrite/copy/pause?action=discard&entryId=7", WHY)
                        .status())
                .isEqualTo(400);
        assertThat(service.post("dualwrite/copy/pause?sink=search", WHY).status())
                .isEqualTo(400);
        assertThat(audit()).isEmpty();
    }

    @Test
    void nameOfAnotherSiteThatWasResolvedToHereIsRefused() {
        assertThat(service.postToHost("evil.example", "dualwrite/copy/pause", WHY))
                .startsWith("HTTP/1.1 403 ")
                .contains("dualwrite.operator.allowed-hosts");
        assertThat(audit()).isEmpty();
        assertThat(service.postToHost("127.0.0.1", "dualwrite/copy/pause", WHY)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void groupOfTheUsersOwnWithOnlyThisInItIsNotDown() {
        assertThat(service.get("health/alone").status()).isEqualTo(200);
    }

    @Test
    void refusalIsAnsweredWithTheWordsOfTheFunction() {
        service.post("dualwrite/copy/pause", WHY);

        Answer twice = service.post("dualwrite/copy/pause", WHY);
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.body().at("/error").asString()).startsWith("sink copy is paused already, since");
        assertThat(twice.body().at("/next").asString())
                .isEqualTo("Whoever resumes it ends that pause: ask before you do.");
        assertThat(service.post("dualwrite/nowhere/pause", WHY).status()).isEqualTo(404);
        assertThat(service.post("dualwrite/copy/pause", "{}").status()).isEqualTo(400);
        assertThat(service.post("dualwrite/copy/pause", "{\"reason\": \" \"}")
                        .body()
                        .at("/error")
                        .asString())
                .startsWith("the reason is blank");
        assertThat(service.post("dualwrite/copy/explode", WHY).status()).isEqualTo(400);
        assertThat(service.post("dualwrite/copy/discard", WHY).status()).isEqualTo(400);
    }

    @Test
    void healthOfTheServiceAndItsProbesStayUpWhenNobodyRelays() {
        for (String path : List.of("health", "health/readiness", "health/liveness", "health/mine")) {
            assertThat(service.get(path)).as(path).satisfies(answer -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body().at("/status").asString()).isEqualTo("UP");
            });
        }
        assertThat(service.get("health")
                        .body()
                        .at("/components/dualwriteOutbox/status")
                        .asString())
                .isEqualTo("DEGRADED");
    }

    @Test
    void groupOfItsOwnIsUnavailableAndSaysWhyAndWhatToDo() {
        Answer group = service.get("health/dualwrite");

        assertThat(group.status()).isEqualTo(503);
        assertThat(group.body().at("/status").asString()).isEqualTo("DEGRADED");
        assertThat(group.body()
                        .at("/components/dualwriteOutbox/details/sinks/copy/0/problem")
                        .asString())
                .isEqualTo("no living relay carries it");
        assertThat(group.body()
                        .at("/components/dualwriteOutbox/details/sinks/copy/0/next")
                        .asString())
                .startsWith("start a relay that has sink copy");
    }

    @Test
    void infoNamesVersionSchemaAndSinksAndNoAddress() {
        Answer info = service.get("info");

        assertThat(info.body().at("/dualwrite/schema/name").asString()).isEqualTo("dualwrite");
        assertThat(info.body().at("/dualwrite/sinks/0").asString()).isEqualTo("copy");
        assertThat(info.body().at("/dualwrite/embeddedRelay").asBoolean()).isFalse();
        assertThat(info.body().at("/dualwrite").toString()).doesNotContain("jdbc", "localhost", "password");
    }

    @Test
    void endpointIsThereOverJmxToo() throws Exception {
        MBeanServer server = service.context().getBean(MBeanServer.class);
        var name = new ObjectName("org.springframework.boot:type=Endpoint,name=Dualwrite");

        Object overview = server.invoke(name, "overview", new Object[0], new String[0]);
        assertThat(overview).asString().contains("sink=copy");
        Object[] nonsense = {"copy", "resume", "not paused", false, null};
        assertThatThrownBy(() -> server.invoke(name, "act", nonsense, new String[5]))
                .rootCause()
                .hasMessageContaining("sink copy is not paused");
    }

    private static List<AuditRecord> audit() {
        return service.context().getBean(OperatorStore.class).audit(null, 100).acts();
    }

    private static void held(long id, String aggregate, String state) throws SQLException {
        sql("""
                INSERT INTO dualwrite.held_entry
                       (version, appended_at, first_failed_at, attempts, sink_id, shard, schema_version,
                        operation, state, aggregate_type, aggregate_id, payload, error_class, error_message,
                        unfinished, suspect)
                SELECT %d, now(), now(), 3, s.sink_id, dualwrite.shard_of('order', '%s', 16), 1, 'U', '%s', 'order', '%s',
                       convert_to('{"customer": "marker"}', 'UTF8'), 'java.sql.SQLException', 'value too long', 0, false
                FROM dualwrite.sink s
                """.formatted(id, aggregate, state, aggregate));
    }

    private static void sql(String statement) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement work = connection.createStatement()) {
            work.execute(statement);
        }
    }
}
