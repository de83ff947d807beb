package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The hash is written twice, in Java and in SQL, and entries are only found if both say the same. */
class AggregateShardIT {

    private static final long SEED = Long.getLong("dualwrite.seed", 20261121L);
    private static final int AGGREGATES = 20_000;

    private static InstalledSchema schema;

    @BeforeAll
    static void install() throws SQLException {
        schema = new InstalledSchema("dualwrite");
    }

    @Test
    void javaAndSqlAgreeOnTheShardOfAnyAggregate() throws SQLException {
        var random = new Random(SEED);
        List<Aggregate> aggregates = new ArrayList<>();
        for (int i = 0; i < AGGREGATES; i++) {
            aggregates.add(new Aggregate(text(random, 100, true), text(random, 1000, false)));
        }

        for (int shardCount : new int[] {1, 7, 16, 1024}) {
            List<Integer> bySql = shardsOf(aggregates, shardCount);

            for (int i = 0; i < AGGREGATES; i++) {
                Aggregate aggregate = aggregates.get(i);
                assertThat(bySql.get(i))
                        .as("seed %d, aggregate %d (%s), %d shards", SEED, i, aggregate, shardCount)
                        .isEqualTo(aggregate.shard(shardCount));
            }
        }
    }

    @Test
    void randomTextsReachEveryPlaneOfUnicode() {
        var random = new Random(SEED);
        boolean[] seen = new boolean[17];
        for (int i = 0; i < 2_000; i++) {
            text(random, 100, false).codePoints().forEach(c -> seen[c >>> 16] = true);
        }

        assertThat(seen).doesNotContain(false);
    }

    private static List<Integer> shardsOf(List<Aggregate> aggregates, int shardCount) throws SQLException {
        try (Connection connection = schema.dataSource().getConnection();
                PreparedStatement select = connection.prepareStatement("""
                        SELECT dualwrite.shard_of(a.type, a.id, ?)
                        FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS a (type, id, position)
                        ORDER BY a.position
                        """)) {
            select.setInt(1, shardCount);
            select.setArray(
                    2,
                    connection.createArrayOf(
                            "text", aggregates.stream().map(Aggregate::type).toArray()));
            select.setArray(
                    3,
                    connection.createArrayOf(
                            "text", aggregates.stream().map(Aggregate::id).toArray()));
            try (ResultSet rows = select.executeQuery()) {
                var shards = new ArrayList<Integer>();
                while (rows.next()) {
                    shards.add(rows.getInt(1));
                }
                return shards;
            }
        }
    }

    /** Short texts mostly, from all planes; never a control character or half a surrogate pair, never too long. */
    private static String text(Random random, int maxLength, boolean isType) {
        int length = 1 + random.nextInt(random.nextInt(20) == 0 ? maxLength / 2 : 12);
        var text = new StringBuilder();
        while (text.codePointCount(0, text.length()) < length) {
            int codePoint = random.nextBoolean() ? 0x20 + random.nextInt(0x5f) : random.nextInt(0x110000);
            boolean surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
            if (!surrogate && !Character.isISOControl(codePoint) && !(isType && codePoint == ':')) {
                text.appendCodePoint(codePoint);
            }
        }
        return text.toString();
    }
}
