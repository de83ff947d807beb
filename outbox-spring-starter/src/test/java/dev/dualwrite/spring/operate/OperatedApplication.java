package dev.dualwrite.spring.operate;

import dev.dualwrite.postgres.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service with actuator on a free port, asked over HTTP. */
final class OperatedApplication implements AutoCloseable {

    /** It only makes the start longer. */
    private static final String NOT_NEEDED =
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
                    + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

    private static final String SECURITY = "org.springframework.boot.security.autoconfigure.";

    private final ConfigurableApplicationContext context;

    private OperatedApplication(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Without Spring Security, as if its library were not there. */
    static OperatedApplication open(TestDatabase database, String... more) {
        String excluded = "--spring.autoconfigure.exclude=" + NOT_NEEDED + "," + SECURITY + "SecurityAutoConfiguration,"
                + SECURITY
                + "UserDetailsServiceAutoConfiguration," + SECURITY + "web.servlet.SecurityFilterAutoConfiguration,"
                + SECURITY + "web.servlet.ServletWebSecurityAutoConfiguration," + SECURITY
                + "actuate.web.servlet.ManagementWebSecurityAutoConfiguration";
        return start(Open.class, database, Stream.concat(Stream.of(excluded), Stream.of(more)));
    }

    /** Everybody gets to the actuator, by name and password or by nothing: what is refused is refused by Operations. */
    static OperatedApplication secured(TestDatabase database, String... more) {
        return start(
                Secured.class,
                database,
                Stream.concat(Stream.of("--spring.autoconfigure.exclude=" + NOT_NEEDED), Stream.of(more)));
    }

    private static OperatedApplication start(Class<?> application, TestDatabase database, Stream<String> more) {
        Stream<String> common = Stream.of(
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.datasource.hikari.maximum-pool-size=4",
                "--spring.datasource.hikari.minimum-idle=0",
                "--spring.flyway.enabled=false",
                "--spring.liquibase.enabled=false",
                "--server.port=0",
                "--dualwrite.outbox.sinks=copy",
                "--dualwrite.relay.notify=false",
                "--management.endpoints.web.exposure.include=*");
        return new OperatedApplication(new SpringApplicationBuilder(application)
                .web(WebApplicationType.SERVLET)
                .logStartupInfo(false)
                .properties("spring.main.banner-mode=off")
                .run(Stream.concat(common, more).toArray(String[]::new)));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    /** Status and body of an answer. */
    record Answer(int status, JsonNode body) {}

    Answer get(String path) {
        return ask(request(path).GET().build());
    }

    Answer post(String path, String json) {
        return ask(posted(path, json).build());
    }

    Answer postAs(String user, String path, String json) {
        String login = Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
        return ask(posted(path, json).header("Authorization", "Basic " + login).build());
    }

    /** As a page does whose name another site has had resolved to here; the whole answer. */
    String postToHost(String host, String path, String json) {
        int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        String request = "POST /actuator/" + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nContent-Type: application/json\r\nX-Forwarded-Host: localhost\r\nConnection: close\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json;
        try (Socket socket = new Socket("localhost", port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("no answer of " + path, e);
        }
    }

    private HttpRequest.Builder posted(String path, String json) {
        return request(path)
                .header("Content-Type", "application/json")
                // Nobody is who they say they are in a header.
                .header("X-Forwarded-User", "mallory")
                .POST(HttpRequest.BodyPublishers.ofString(json));
    }

    private HttpRequest.Builder request(String path) {
        String port = context.getEnvironment().getProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path));
    }

    private static Answer ask(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            String body = response.body().isEmpty() ? "{}" : response.body();
            return new Answer(response.statusCode(), JsonMapper.shared().readTree(body));
        } catch (IOException e) {
            throw new IllegalStateException("no answer of " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("no answer of " + request.uri(), e);
        }
    }

    @Override
    public void close() {
        context.close();
    }

    /** Nobody is known. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Open {}

    /** Two people are known. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Secured {

        @Bean
        SecurityFilterChain everybodyGetsThrough(HttpSecurity http) throws Exception {
            return http.csrf(csrf -> csrf.disable())
                    .httpBasic(basic -> {})
                    .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                    .build();
        }

        @Bean
        InMemoryUserDetailsManager people() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("vera")
                            .password("{noop}secret")
                            .roles("DUALWRITE_VIEWER")
                            .build(),
                    User.withUsername("olga")
                            .password("{noop}secret")
                            .roles("DUALWRITE_OPERATOR")
                            .build());
        }
    }
}
