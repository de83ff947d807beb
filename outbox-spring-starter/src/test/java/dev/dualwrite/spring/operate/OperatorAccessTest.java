package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.OperatorStore;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** Which rule is taken for an application. */
class OperatorAccessTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(OperateAutoConfiguration.class))
            .withUserConfiguration(Properties.class)
            .withPropertyValues("dualwrite.operator.allow-unsecured-writes=true")
            .withBean(OperatorStore.class, () -> new OperatorStore(new PGSimpleDataSource(), "dualwrite"));

    /** The name that Spring Security gives it: that of its method would be another one. */
    @Test
    void reactiveApplicationWithSpringSecurityIsGuardedByItsRoles() {
        application
                .withBean(
                        "org.springframework.security.config.annotation.web.reactive.WebFluxSecurityConfiguration"
                                + ".WebFilterChainFilter",
                        Object.class)
                .run(context -> {
                    OperatorAccess access = context.getBean(OperatorAccess.class);

                    assertThat(access.caller(null).mayAct()).isFalse();
                    assertThat(access.caller(login("ROLE_DUALWRITE_VIEWER")).mayAct())
                            .isFalse();
                    assertThat(access.caller(login("ROLE_DUALWRITE_OPERATOR")).mayAct())
                            .isTrue();
                });
    }

    @Test
    void applicationWithTheLibraryAloneIsNotGuarded() {
        application.run(
                context -> assertThat(context.getBean(OperatorAccess.class)).isInstanceOf(UnsecuredAccess.class));
    }

    private static UsernamePasswordAuthenticationToken login(String authority) {
        return UsernamePasswordAuthenticationToken.authenticated(
                "olga", "secret", AuthorityUtils.createAuthorityList(authority));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(OperateProperties.class)
    static class Properties {}
}
