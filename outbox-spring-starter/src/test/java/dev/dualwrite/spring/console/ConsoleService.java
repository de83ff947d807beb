package dev.dualwrite.spring.console;

import dev.dualwrite.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A servlet application with an outbox and a console, on a real web server. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ConsoleService {

    static final List<String> SECURITY = List.of(
            "org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration");

    private static final String JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

    static ConfigurableApplicationContext start(
            Class<?> service, TestDatabase database, boolean secured, String... more) {
        var arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.datasource.hikari.maximum-pool-size=4",
                "--spring.datasource.hikari.minimum-idle=0",
                "--spring.flyway.enabled=false",
                "--spring.liquibase.enabled=false",
                "--spring.autoconfigure.exclude=" + JPA + (secured ? "" : "," + String.join(",", SECURITY)),
                "--server.port=0",
                "--dualwrite.outbox.sinks=copy",
                "--dualwrite.console.enabled=true"));
        arguments.addAll(List.of(more));
        return new SpringApplicationBuilder(service)
                .web(WebApplicationType.SERVLET)
                .run(arguments.toArray(String[]::new));
    }
}
