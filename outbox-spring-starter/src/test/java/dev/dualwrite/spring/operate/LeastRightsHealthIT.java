package dev.dualwrite.spring.operate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A service whose user is a member of dualwrite_append and of nothing else sees how its outbox stands. */
class LeastRightsHealthIT {

    @Test
    void memberOfTheRoleOfServicesSeesHealthAndTheOverview() throws SQLException, IOException {
        TestDatabase database = TestDatabases.create();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                var roles = Schema.class.getResourceAsStream("/dev/dualwrite/schema/roles.sql")) {
            statement.execute(new String(Objects.requireNonNull(roles).readAllBytes(), UTF_8));
            statement.execute("CREATE SCHEMA dualwrite");
            statement.execute(Schema.script("dualwrite", 16));
            statement.execute("CREATE ROLE least_service LOGIN IN ROLE dualwrite_append");
        }
        var service = new TestDatabase(database.name(), database.url(), "least_service", "any");

        try (var application = OperatedApplication.open(
                service, "--dualwrite.schema.mode=none", "--management.endpoint.health.show-details=always")) {
            assertThat(application.get("dualwrite").body().at("/sinks/0/sink").asString())
                    .isEqualTo("copy");
            // Nobody relays: known only to whoever could look.
            assertThat(application
                            .get("health")
                            .body()
                            .at("/components/dualwriteOutbox")
                            .toString())
                    .contains("\"DEGRADED\"", "no living relay")
                    .doesNotContain("permission denied");
            // What this user may not see is refused as such, not told as a database that is down.
            Operations operations = application.context().getBean(Operations.class);
            assertThatThrownBy(() -> operations.audit(null, 10))
                    .isInstanceOfSatisfying(
                            ActRefusedException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(ActRefusedException.Kind.FORBIDDEN));
            assertThat(application.get("dualwrite/copy/stuck").status()).isEqualTo(403);
        }
    }
}
