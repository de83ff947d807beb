package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.postgres.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StartupCostIT {

    // Measured: 8, and 46 when every start ran Flyway 12.4.
    private static final int MOST_STATEMENTS = 12;
    private static final Pattern STATEMENT = Pattern.compile("LOG: +(statement|execute [^:]*):");

    private final Sql sql = new Sql(TestDatabases.create());

    @Test
    void startOnAnInstalledSchemaCostsFewStatements() throws Exception {
        start();
        sql.execute("ALTER DATABASE " + sql.database().name() + " SET log_statement = 'all'");
        long before = logged();

        start();

        assertThat(logged() - before).as("statements of one start").isBetween(3L, (long) MOST_STATEMENTS);
    }

    private void start() {
        Starter.at(sql)
                .withPropertyValues("dualwrite.outbox.sinks=copy")
                .run(context -> assertThat(context).hasNotFailed());
    }

    private static long logged() throws IOException {
        try (var lines = Files.lines(TestDatabases.server().log())) {
            return lines.filter(line -> STATEMENT.matcher(line).find()).count();
        }
    }
}
