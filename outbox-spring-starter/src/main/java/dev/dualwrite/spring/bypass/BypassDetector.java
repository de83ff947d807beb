package dev.dualwrite.spring.bypass;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks at the text of each statement before it is prepared or sent. Thread-safe; never blocks.
 *
 * <p>Cost: one look into a map for a text that changes no captured table; for one that does, and was not reported yet, a walk up
 * the stack to the first frame that decides, which is Hibernate's for an entity's own statement.
 */
final class BypassDetector {

    private final CapturedTables captured;
    private final Collection<String> searchPath;
    private final CaptureBypass allowed;
    private final boolean fails;
    private final SeenTexts<Finding> texts = new SeenTexts<>(this::look);
    private final Places shapes = new Places();

    BypassDetector(CapturedTables captured, Collection<String> searchPath, CaptureBypass allowed, BypassMode mode) {
        this.captured = captured;
        this.searchPath = List.copyOf(searchPath);
        this.allowed = allowed;
        this.fails = mode == BypassMode.FAIL;
    }

    /**
     * Looks at a text.
     *
     * @throws dev.dualwrite.outbox.CaptureBypassedException if it is a bypass, and bypasses are to fail
     */
    void check(String sql) {
        Finding finding = texts.get(sql);
        if (finding.isHarmless() || finding.isTold() || allowed.isOn() || Callers.areHibernatesEntityWrites()) {
            return;
        }
        Bypass bypass = finding.at(Callers.place());
        if (fails) {
            throw bypass.refusal();
        }
        finding.told();
        if (shapes.isNew(bypass.shape())) {
            BypassLog.bypassed(bypass);
        }
    }

    private Finding look(String sql) {
        List<SqlToken> tokens = SqlScanner.tokens(sql);
        Set<TableName> tables = new LinkedHashSet<>();
        Set<String> entities = new LinkedHashSet<>();
        for (TableName table : ChangedTables.of(tokens)) {
            captured.entityOf(table, searchPath).ifPresent(entity -> {
                tables.add(table);
                entities.add(entity);
            });
        }
        return tables.isEmpty() ? Finding.HARMLESS : new Finding(tables, entities, StatementShape.of(tokens));
    }
}
