package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.OperatorStore;
import java.security.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** What the endpoint says when the primary cannot be reached: no page of a stack trace, and no address. */
class PrimaryDownTest {

    private static final SecurityContext NOBODY = new SecurityContext() {
        @Override
        public Principal getPrincipal() {
            return null;
        }

        @Override
        public boolean isUserInRole(String role) {
            return false;
        }
    };

    private final DualwriteWebExtension endpoint = new DualwriteWebExtension(
            new DualwriteEndpoint(new Operations(
                    new OperatorStore(new Down(), "dualwrite"),
                    new UnsecuredAccess(true, List.of()),
                    new Redaction(Map.of()))),
            () -> "localhost");

    @Test
    void looksAreAnsweredThatItCannotBeAsked() {
        for (WebEndpointResponse<?> answer : List.of(
                endpoint.overview(), endpoint.sink("copy"), endpoint.stuck("copy", "stuck", null, null, null))) {
            assertThat(answer.getStatus()).isEqualTo(503);
            assertThat(answer.getBody())
                    .asString()
                    .contains("the primary could not be asked (SQLSTATE 08001)")
                    .doesNotContain("db.internal", "audit");
        }
    }

    @Test
    void actIsAnsweredThatItMayHaveBeenDone() {
        var answer = endpoint.act(NOBODY, "copy", "pause", "why", false, null);

        assertThat(answer.getStatus()).isEqualTo(503);
        assertThat(answer.getBody()).containsEntry("next", PrimaryProblem.ACT_HINT);
    }

    private static final class Down extends AbstractDataSource {

        @Override
        public Connection getConnection() throws SQLException {
            throw new SQLException("connection to db.internal:5432 refused", "08001");
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }
    }
}
