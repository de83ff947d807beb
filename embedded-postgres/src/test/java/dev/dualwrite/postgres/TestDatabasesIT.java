package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class TestDatabasesIT {

    @Test
    void databasesDoNotSeeEachOther() throws Exception {
        TestDatabase one = TestDatabases.create();
        TestDatabase other = TestDatabases.create();
        new Session(one.url()).execute("CREATE TABLE mine (id int)");

        assertThatThrownBy(() -> new Session(other.url()).query("SELECT count(*) FROM mine"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("mine");
    }

    @Test
    void sessionsAreInAnotherZoneThanTheJvm() throws Exception {
        TestDatabase database = TestDatabases.create();

        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW timezone")) {
            row.next();
            assertThat(row.getString(1))
                    .isEqualTo(TestDatabases.SESSION_ZONE)
                    .isNotEqualTo(ZoneId.systemDefault().getId());
        }
    }

    @Test
    void droppedDatabaseIsGoneForThoseConnectedToo() throws Exception {
        TestDatabase database = TestDatabases.create();
        try (Connection connection = database.dataSource().getConnection()) {
            TestDatabases.server().dropDatabase(database.name());

            assertThat(connection.isValid(1)).isFalse();
        }
    }
}
