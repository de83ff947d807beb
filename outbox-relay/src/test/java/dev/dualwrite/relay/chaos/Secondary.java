package dev.dualwrite.relay.chaos;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The secondary: the table that the sink writes, and a log of what happened to it, written by triggers. The log's numbers
 * are drawn while the row is locked, so they are in the order of the effects of an aggregate.
 */
final class Secondary implements AutoCloseable {

    private static final String[] TABLES = {
        "CREATE TABLE copy (key text PRIMARY KEY, token text NOT NULL, dualwrite_version bigint NOT NULL)",
        // As the sink would create it, had it no trigger to carry.
        """
        CREATE TABLE dualwrite_tombstone (
          table_name text COLLATE "C" NOT NULL,
          key text COLLATE "C" NOT NULL,
          version bigint NOT NULL,
          deleted_at timestamptz NOT NULL,
          CONSTRAINT dualwrite_tombstone_pkey PRIMARY KEY (table_name, key))
        """,
        """
        CREATE TABLE effect (
          number bigserial PRIMARY KEY, key text NOT NULL, token text, version bigint NOT NULL, op text NOT NULL)
        """,
        // What the sink was asked to apply, whether or not it had an effect.
        "CREATE TABLE asked (number bigserial PRIMARY KEY, version bigint NOT NULL, pod text NOT NULL)",
        """
        CREATE FUNCTION log_upsert() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO effect (key, token, version, op) VALUES (NEW.key, NEW.token, NEW.dualwrite_version, 'U');
          RETURN NULL;
        END $$
        """,
        """
        CREATE FUNCTION log_removal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO effect (key, token, version, op) VALUES (OLD.key, OLD.token, OLD.dualwrite_version, 'R');
          RETURN NULL;
        END $$
        """,
        """
        CREATE FUNCTION log_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO effect (key, version, op) VALUES (NEW.key, NEW.version, 'D');
          RETURN NULL;
        END $$
        """,
        "CREATE TRIGGER log_upsert AFTER INSERT OR UPDATE ON copy FOR EACH ROW EXECUTE FUNCTION log_upsert()",
        "CREATE TRIGGER log_removal AFTER DELETE ON copy FOR EACH ROW EXECUTE FUNCTION log_removal()",
        "CREATE TRIGGER log_deletion AFTER INSERT OR UPDATE ON dualwrite_tombstone"
                + " FOR EACH ROW EXECUTE FUNCTION log_deletion()",
    };

    private final Store store;

    Secondary(Path directory) throws SQLException {
        store = new Store(directory.resolve("secondary"), Map.of());
        store.run(TABLES);
    }

    Store store() {
        return store;
    }

    /** One effect; of a deletion the token is not known here. */
    record Effect(String aggregate, String token, long version, boolean deleted) {}

    List<Effect> effects() throws SQLException {
        var effects = new ArrayList<Effect>();
        try (Connection connection = store.connect();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT key, token, version, op = 'D' FROM effect WHERE op <> 'R' ORDER BY number");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                effects.add(new Effect(row.getString(1), row.getString(2), row.getLong(3), row.getBoolean(4)));
            }
        }
        return effects;
    }

    /** The token that each aggregate's row holds. */
    Map<String, String> rows() throws SQLException {
        var rows = new HashMap<String, String>();
        try (Connection connection = store.connect();
                PreparedStatement select = connection.prepareStatement("SELECT key, token FROM copy");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.put(row.getString(1), row.getString(2));
            }
        }
        return rows;
    }

    @Override
    public void close() {
        store.close();
    }
}
