package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.AuditRecord;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.operate.OperatedApplication.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;

/** With Spring Security, over HTTP, and what is decided without it. */
class WhoMayActIT {

    private static final String WHY = "{\"reason\": \"store was repaired\"}";
    private static final String TRY = "{\"reason\": \"try\", \"dryRun\": true}";

    private static OperatedApplication service;

    @BeforeAll
    static void start() {
        TestDatabase database = TestDatabases.create();
        // Only for applications that nobody guards: this one is guarded, so it opens nothing.
        service = OperatedApplication.secured(database, "--dualwrite.operator.allow-unsecured-writes=true");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void whoeverIsNotLoggedInMayNotAct() {
        Answer answer = service.post("dualwrite/copy/pause", WHY);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body().at("/error").asString())
                .isEqualTo("not allowed: nobody is logged in: log in as somebody with the role DUALWRITE_OPERATOR");
    }

    @Test
    void viewerMayNotActNotEvenTry() {
        assertThat(service.postAs("vera", "dualwrite/copy/pause", WHY).status()).isEqualTo(403);
        Answer tried = service.postAs("vera", "dualwrite/copy/pause", TRY);
        assertThat(tried.status()).isEqualTo(403);
        assertThat(tried.body().at("/error").asString())
                .isEqualTo("not allowed: vera has not the role DUALWRITE_OPERATOR");
    }

    @Test
    void operatorActsUnderTheNameOfTheLogin() {
        assertThat(service.postAs("olga", "dualwrite/copy/pause", WHY).status()).isEqualTo(200);
        assertThat(service.postAs("olga", "dualwrite/copy/resume", WHY).status())
                .isEqualTo(200);

        List<AuditRecord> acts =
                service.context().getBean(OperatorStore.class).audit(null, 10).acts();
        assertThat(acts).hasSize(2).allSatisfy(act -> assertThat(act.actor()).startsWith("olga via "));
    }

    @Test
    void rolesDecideWhoMayLookAndAct() {
        OperatorAccess access = service.context().getBean(OperatorAccess.class);

        assertThat(access.caller(login("vera", "ROLE_DUALWRITE_VIEWER")))
                .isEqualTo(new Caller("vera", true, false, "vera has not the role DUALWRITE_OPERATOR"));
        assertThat(access.caller(login("olga", "ROLE_DUALWRITE_OPERATOR")))
                .isEqualTo(new Caller("olga", true, true, null));
        assertThat(access.caller(login("eve", "DUALWRITE_OPERATOR")).mayAct()).isFalse();
        assertThat(access.caller(login("eve", "DUALWRITE_OPERATOR")).mayLook()).isFalse();
        assertThat(access.caller(null).mayLook()).isFalse();
        assertThat(access.caller(() -> "a name that nobody proved").mayLook()).isFalse();
        var anonymous = new AnonymousAuthenticationToken(
                "key", "anonymous", AuthorityUtils.createAuthorityList("ROLE_DUALWRITE_OPERATOR"));
        assertThat(access.caller(anonymous).mayAct()).isFalse();
    }

    @Test
    void threadsOwnLoginCountsWhereTheRequestNamesNobody() {
        OperatorAccess access = service.context().getBean(OperatorAccess.class);
        try {
            SecurityContextHolder.getContext().setAuthentication(login("olga", "ROLE_DUALWRITE_OPERATOR"));

            assertThat(access.caller(null).name()).isEqualTo("olga");
        } finally {
            SecurityContextHolder.clearContext();
        }
    }

    @Test
    void withoutSpringSecurityEverybodyLooksAndActsOnlyIfAPropertySaysSo() {
        assertThat(new UnsecuredAccess(true, List.of()).caller(() -> "mallory"))
                .isEqualTo(new Caller("unsecured", true, true, null));
        assertThat(new UnsecuredAccess(false, List.of()).caller(null)).satisfies(caller -> {
            assertThat(caller.mayLook()).isTrue();
            assertThat(caller.mayAct()).isFalse();
            assertThat(caller.refusal()).contains("dualwrite.operator.allow-unsecured-writes=true");
        });
    }

    @Test
    void withoutSpringSecurityOnlyAHostThatNobodyElseCanNameIsTaken() {
        var access = new UnsecuredAccess(true, List.of("Orders.internal"));

        for (String host : List.of(
                "localhost", "LOCALHOST:8080", "127.0.0.1:8080", "10.1.2.3", "[::1]:8080", "orders.INTERNAL:8080")) {
            assertThat(access.refusalOfHost(host)).as(host).isNull();
        }
        for (String host : List.of(
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "",
                "1.2.3.4.5")) {
            assertThat(access.refusalOfHost(host)).as(host).contains("dualwrite.operator.allowed-hosts");
        }
        assertThat(access.refusalOfHost(null)).contains("add Spring Security");
    }

    @Test
    void loginCountsWhateverTheHostIs() {
        assertThat(service.postToHost("evil.example", "dualwrite/copy/pause", WHY))
                .as("refused for the missing login")
                .contains(" 403 ", "nobody is logged in");
        assertThat(service.context().getBean(OperatorAccess.class).refusalOfHost("orders.example"))
                .isNull();
    }

    private static UsernamePasswordAuthenticationToken login(String name, String authority) {
        return UsernamePasswordAuthenticationToken.authenticated(
                name, "secret", AuthorityUtils.createAuthorityList(authority));
    }
}
