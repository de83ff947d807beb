package dev.dualwrite.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.dualwrite.sample.OrderClient.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP interface of the order service: what it answers, and how it refuses. */
class OrderApiIT extends SampleIT {

    private static final String LINE = "{\"sku\": \"BOOK-1\", \"quantity\": 2, \"unitPriceCents\": 1299}";
    private static final String ORDER = order("\"Grace\"", "\"NEW\"", "[" + LINE + "]");

    @Test
    void createdOrderIsAnsweredWithItsPlaceAndItsBodyPlusIdAndVersion() throws Exception {
        Answer created = client().post(ORDER);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.location()).endsWith("/orders/" + created.id());
        JsonNode expected =
                new JsonMapper().readTree(ORDER.replaceFirst("\\{", "{\"id\": " + created.id() + ", \"version\": 0, "));
        assertThat(created.json()).isEqualTo(expected);
        assertThat(client().get("/orders/" + created.id()).json()).isEqualTo(expected);
    }

    @Test
    void answerCanBeSentBackAsAChange() throws Exception {
        Answer created = client().post(ORDER);

        Answer changed =
                client().send("PUT", "/orders/" + created.id(), created.body().replace("Grace", "Grace Hopper"));

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().get("customer").asString()).isEqualTo("Grace Hopper");
        assertThat(changed.version()).isEqualTo(1);
    }

    @Test
    void deletedOrderIsGone() throws Exception {
        long id = client().post(ORDER).id();

        assertThat(client().delete(id).status()).isEqualTo(204);

        assertThat(client().delete(id).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE"})
    void unknownOrderIsAProblem(String method) throws Exception {
        Answer answer = client().send(method, "/orders/999999999", method.equals("PUT") ? ORDER : "");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().get("detail").asString()).isEqualTo("there is no order 999999999");
    }

    static Stream<Arguments> badOrders() {
        String name = "\"Grace\"";
        String status = "\"NEW\"";
        String lines = "[" + LINE + "]";
        String dear = LINE.replace("1299", "1000000000").replace(" 2", " 1000000");
        return Stream.of(
                arguments("customer", order("null", status, lines)),
                arguments("customer", order("\" \"", status, lines)),
                arguments("customer", order("5", status, lines)),
                arguments("customer", order("{}", status, lines)),
                arguments("customer", order("\"" + "x".repeat(201) + "\"", status, lines)),
                arguments("customer", order("\"a\\u0000b\"", status, lines)),
                arguments("customer", order("\"a\\ud800b\"", status, lines)),
                arguments("status", order(name, "null", lines)),
                arguments("status", order(name, "\"LOST\"", lines)),
                arguments("status", order(name, "1", lines)),
                arguments("status", order(name, "[]", lines)),
                arguments("lines", order(name, status, "null")),
                arguments("lines", order(name, status, "[]")),
                arguments("lines", order(name, status, "\"none\"")),
                arguments("lines", order(name, status, "[" + (LINE + ",").repeat(100) + LINE + "]")),
                arguments("lines", order(name, status, "[" + dear + "]")),
                arguments("lines[0]", order(name, status, "[null]")),
                arguments("lines[0].sku", order(name, status, lines.replace("\"BOOK-1\"", "\"\""))),
                arguments("lines[0].sku", order(name, status, lines.replace("BOOK", "B".repeat(64)))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " 0"))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " -1"))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " null"))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " 1.5"))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " \"2\""))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " true"))),
                arguments("lines[0].quantity", order(name, status, lines.replace(" 2", " 3000000000"))),
                arguments("lines[0].unitPriceCents", order(name, status, lines.replace("1299", "-1"))),
                arguments("lines[0].unitPriceCents", order(name, status, lines.replace("1299", "1e30"))),
                arguments(
                        "lines[0].unitPriceCents", order(name, status, lines.replace("1299", "99999999999999999999"))),
                arguments("lines[1].quantity", order(name, status, "[" + LINE + "," + LINE.replace(" 2", " 0") + "]")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badOrders")
    void badOrderIsRefusedByTheNameOfItsField(String field, String body) throws Exception {
        long known = client().post(ORDER).id();

        for (Answer answer : List.of(client().post(body), client().send("PUT", "/orders/" + known, body))) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.json().get("status").asInt()).isEqualTo(400);
            assertThat(answer.json()
                            .get("errors")
                            .valueStream()
                            .map(e -> e.get("field").asString()))
                    .containsExactly(field);
            assertThat(answer.json().get("detail").asString()).startsWith(field + " ");
        }
        assertThat(client().get("/orders/" + known).version()).isZero();
    }

    @Test
    void allBadFieldsAreNamedAtOnce() throws Exception {
        Answer answer = client().post(order("\"\"", "null", "[" + LINE.replace(" 2", " 0") + "]"));

        assertThat(answer.json()
                        .get("errors")
                        .valueStream()
                        .map(e -> e.get("field").asString()))
                .containsExactly("customer", "lines[0].quantity", "status");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "not json", "[]", "\"\"", "{\"customer\": \"Grace\", }", "null"})
    void bodyThatIsNoOrderIsRefused(String body) throws Exception {
        Answer answer = client().post(body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().get("detail").asString()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "abc", "1.5", "99999999999", "2147483647"})
    void pageOutOfRangeIsRefusedByName(String page) throws Exception {
        Answer answer = client().get("/orders?page=" + page);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo("page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "99999999999999999999"})
    void idThatIsNoNumberIsRefusedByName(String id) throws Exception {
        Answer answer = client().get("/orders/" + id);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo("id");
    }

    @Test
    void pagesHoldEveryOrderOnceInTheOrderOfTheirIds() throws Exception {
        awaitSampleData();
        for (int i = 0; i < 25; i++) {
            client().post(ORDER);
        }
        List<Long> expected = stores().primary()
                .sql("SELECT id FROM orders ORDER BY id")
                .query(Long.class)
                .list();

        List<Long> ids = new ArrayList<>();
        JsonNode info = client().get("/orders").json().get("page");
        for (int page = 0; page < info.get("totalPages").asInt(); page++) {
            JsonNode content = client().get("/orders?page=" + page).json().get("content");
            content.forEach(order -> ids.add(order.get("id").asLong()));
        }

        assertThat(ids).isEqualTo(expected);
        assertThat(info.get("totalElements").asInt()).isEqualTo(expected.size());
        assertThat(client().get("/orders?page=100000").json().get("content")).isEmpty();
    }

    @Test
    void actuatorTellsHealthMetricsAndBothStores() throws Exception {
        assertThat(client().get("/actuator/health").json().get("status").asString())
                .isEqualTo("UP");
        assertThat(client().get("/actuator/prometheus").body()).contains("jvm_memory_used_bytes");
        JsonNode stores = client().get("/actuator/info").json().get("stores");
        assertThat(stores.get("primary").get("url").asString()).startsWith("jdbc:postgresql://localhost:");
        assertThat(stores.get("secondary").get("url").asString())
                .startsWith("jdbc:postgresql://localhost:")
                .isNotEqualTo(stores.get("primary").get("url").asString());
    }

    private static String order(String customer, String status, String lines) {
        return "{\"customer\": " + customer + ", \"status\": " + status + ", \"lines\": " + lines + "}";
    }
}
