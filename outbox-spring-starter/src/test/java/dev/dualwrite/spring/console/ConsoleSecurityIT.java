package dev.dualwrite.spring.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.postgres.TestDatabases;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** The console behind the filter chain that Spring Boot sets up by default, with its own protection against forged requests. */
class ConsoleSecurityIT {

    private static ConfigurableApplicationContext service;

    @BeforeAll
    static void start() {
        service = ConsoleService.start(Secured.class, TestDatabases.create(), true);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void whoIsNotLoggedInSeesNothing() throws Exception {
        for (String name : List.of("/", "/js/main.js", "/api/start", "/api/overview", "/events")) {
            HttpResponse<String> answer = visitor("").get(name);

            assertThat(answer.statusCode()).as(name).isIn(302, 401);
            assertThat(answer.body()).as(name).doesNotContain("copy");
        }
    }

    @Test
    void whoHasNeitherRoleSeesNoData() throws Exception {
        for (String name :
                List.of("/api/start", "/api/overview", "/api/lanes", "/api/audit", "/api/entries/1", "/events")) {
            HttpResponse<String> answer = visitor("nora").get(name);

            assertThat(answer.statusCode()).as(name).isEqualTo(403);
            assertThat(answer.body()).as(name).contains("nora may not look at the console");
        }
    }

    @Test
    void viewerLooksAndDoesNotAct() throws Exception {
        Visitor viewer = visitor("vera");

        assertThat(viewer.begin().path("mayAct").asBoolean()).isFalse();
        assertThat(viewer.get("/api/overview").body()).contains("\"sink\":\"copy\"");
        try (InputStream stream = viewer.stream().body()) {
            assertThat(new String(stream.readNBytes(10), UTF_8)).isEqualTo("retry: 500");
        }
        HttpResponse<String> answer = viewer.act("pause");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body())
                .contains("vera has not the role DUALWRITE_OPERATOR")
                .contains("\"code\":\"forbidden\"");
    }

    @Test
    void operatorActsUnderTheirOwnName() throws Exception {
        Visitor operator = visitor("olga");

        assertThat(operator.begin().path("tokens").propertyNames())
                .as("ours, and that of Spring Security")
                .contains(Tokens.HEADER, "X-CSRF-TOKEN");
        assertThat(operator.act("pause").statusCode()).isEqualTo(200);
        assertThat(operator.act("resume").statusCode()).isEqualTo(200);

        assertThat(operator.get("/api/audit").body()).contains("\"actor\":\"olga via ");
    }

    @Test
    void eitherTokenMissingStopsTheAct() throws Exception {
        for (String token : List.of(Tokens.HEADER, "X-CSRF-TOKEN")) {
            Visitor operator = visitor("olga");
            operator.begin();
            operator.forget(token);

            assertThat(operator.act("pause").statusCode())
                    .as("without " + token)
                    .isIn(401, 403);
            assertThat(operator.get("/api/overview").body()).doesNotContain("\"paused\"");
        }
    }

    private static Visitor visitor(String user) {
        int port = service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        return new Visitor(port, "/dualwrite", user);
    }

    /** People with their name for a password. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Secured {

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager(
                    person("olga", "DUALWRITE_OPERATOR"), person("vera", "DUALWRITE_VIEWER"), person("nora", "USER"));
        }

        private static UserDetails person(String name, String role) {
            return User.withUsername(name).password("{noop}" + name).roles(role).build();
        }
    }
}
