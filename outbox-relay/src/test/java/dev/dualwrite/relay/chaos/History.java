package dev.dualwrite.relay.chaos;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.testkit.HistoryChecker;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was committed, asked for and done in a run. Immutable.
 *
 * @param committed by aggregate, in commit order, as the primary has it at the end
 * @param attempts what writers asked for, in no order
 * @param effects at the secondary, in their order
 * @param rows at the secondary at the end: the token by aggregate
 */
record History(
        Map<String, List<Commit>> committed,
        List<Ledger.Attempt> attempts,
        List<Secondary.Effect> effects,
        Map<String, String> rows) {

    /** One line of the ledger. */
    record Commit(String token, boolean deleted) {}

    static History of(Cluster cluster) throws SQLException {
        List<Ledger.Attempt> attempts = cluster.ledger.attempts();
        return new History(
                committed(cluster), attempts, named(cluster.secondary.effects(), attempts), cluster.secondary.rows());
    }

    /**
     * What users check their own sinks with, for the effects since the last failover: it knows one epoch. Each aggregate is
     * written once more at the end of a run, so each has an effect there.
     */
    HistoryChecker ofLastEpoch() {
        int lastEpoch = Histories.lastEpoch(effects);
        var checker = new HistoryChecker();
        committed.forEach((id, commits) -> {
            var aggregate = Aggregate.of(Ledger.TYPE, id);
            commits.forEach(commit -> checker.committed(aggregate, commit.token(), operation(commit.deleted())));
            Commit last = commits.get(commits.size() - 1);
            if (!last.deleted()) {
                checker.primaryHolds(aggregate, last.token());
            }
        });
        for (Ledger.Attempt attempt : attempts) {
            checker.attempted(
                    Aggregate.of(Ledger.TYPE, attempt.aggregate()), attempt.token(), operation(attempt.deleted()));
        }
        for (Secondary.Effect effect : effects) {
            if (Histories.epoch(effect.version()) == lastEpoch) {
                checker.applied(
                        Aggregate.of(Ledger.TYPE, effect.aggregate()),
                        effect.token(),
                        new Version(effect.version()),
                        operation(effect.deleted()));
            }
        }
        rows.forEach((id, token) -> checker.secondaryHolds(Aggregate.of(Ledger.TYPE, id), token));
        return checker;
    }

    private static Operation operation(boolean deleted) {
        return deleted ? Operation.DELETE : Operation.UPSERT;
    }

    private static Map<String, List<Commit>> committed(Cluster cluster) throws SQLException {
        var committed = new HashMap<String, List<Commit>>();
        try (Connection connection = cluster.primary.store().connect();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT id::text, token, deleted FROM ledger ORDER BY id, revision");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                committed
                        .computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(new Commit(row.getString(2), row.getBoolean(3)));
            }
        }
        return committed;
    }

    /**
     * Gives deletions their tokens, by aggregate and number. After a failover a number may be drawn again by the same
     * aggregate; in effects of the last epoch it is then the later attempt, in older ones the earlier.
     */
    private static List<Secondary.Effect> named(List<Secondary.Effect> effects, List<Ledger.Attempt> attempts) {
        var earliest = new HashMap<String, String>();
        var latest = new HashMap<String, String>();
        for (Ledger.Attempt attempt : attempts) {
            if (attempt.deleted()) {
                String key = attempt.aggregate() + "/" + attempt.sequence();
                earliest.putIfAbsent(key, attempt.token());
                latest.put(key, attempt.token());
            }
        }
        int lastEpoch = Histories.lastEpoch(effects);
        return effects.stream()
                .map(effect -> {
                    if (!effect.deleted()) {
                        return effect;
                    }
                    String key = effect.aggregate() + "/" + Histories.sequence(effect.version());
                    var tokens = Histories.epoch(effect.version()) == lastEpoch ? latest : earliest;
                    return new Secondary.Effect(
                            effect.aggregate(), tokens.getOrDefault(key, "unknown"), effect.version(), true);
                })
                .toList();
    }
}
