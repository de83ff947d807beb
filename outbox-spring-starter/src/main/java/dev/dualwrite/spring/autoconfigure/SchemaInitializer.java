package dev.dualwrite.spring.autoconfigure;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.ControlStore.Control;
import dev.dualwrite.outbox.jdbc.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InitializingBean;

/**
 * Installs, migrates or checks the outbox's schema when the context starts, before any bean that uses the database, and later
 * registers the sinks. It works on connections of the service's pool and leaves them as they were. Blocks on the database.
 */
final class SchemaInitializer implements InitializingBean {

    private static final String NOT_CHECKED = "the schema is not checked yet";

    private final DataSource dataSource;
    private final Settings settings;
    private final ControlStore store;
    private @Nullable Refusals refusals;
    private @Nullable Control control;

    SchemaInitializer(DataSource dataSource, Settings settings) {
        this.dataSource = dataSource;
        this.settings = settings;
        this.store = new ControlStore(dataSource, settings.schema());
    }

    @Override
    public void afterPropertiesSet() {
        DatabaseFacts facts = DatabaseFacts.read(dataSource, settings.schema());
        if (facts.nameIsReserved()) {
            refuse(new Mistake(
                    "dualwrite.schema.name is '" + settings.schema() + "', a reserved word of PostgreSQL",
                    "choose another dualwrite.schema.name"));
        }
        refusals = new Refusals(facts, settings.schema());
        control = install(facts, refusals);
    }

    /** Gives the sinks their numbers; only once the schema is checked. */
    OutboxInstallation registerSinks() {
        Control checked = requireNonNull(control, NOT_CHECKED);
        Map<String, Short> sinkIds = explaining(
                requireNonNull(refusals, NOT_CHECKED),
                "registering the sinks",
                () -> SinkRegistration.register(store, settings.sinks()));
        return new OutboxInstallation(dataSource, settings.schema(), checked.shardCount(), sinkIds);
    }

    private Control install(DatabaseFacts facts, Refusals explained) {
        ControlCheck check = new ControlCheck(settings.mode(), settings.schema(), settings.shardCount());
        Optional<Control> before = explaining(explained, "reading the control row", store::read);
        // Before anything is changed: a schema of a newer version is nothing that this one may touch.
        before.flatMap(check::ofInstalled).ifPresent(SchemaInitializer::refuse);
        if (isNewest(facts, before)) {
            return before.orElseThrow();
        }
        if (settings.mode() == SchemaMode.MIGRATE) {
            int configured = settings.shardCount() == null ? Schema.DEFAULT_SHARD_COUNT : settings.shardCount();
            installer(facts).migrate(before.isPresent(), configured);
            Optional<Control> after = explaining(explained, "reading the control row", store::read);
            check.ofFinal(after).ifPresent(SchemaInitializer::refuse);
            return after.orElseThrow();
        }
        check.ofFinal(before).ifPresent(SchemaInitializer::refuse);
        Control control = before.orElseThrow();
        if (settings.mode() == SchemaMode.VALIDATE) {
            installer(facts).validate(control.shardCount());
        }
        return control;
    }

    /** Then neither a migration nor a validation would find anything to do, or to say. */
    private boolean isNewest(DatabaseFacts facts, Optional<Control> before) {
        return settings.mode() != SchemaMode.NONE
                && facts.historyExists()
                && before.filter(control -> control.schemaVersion() == Schema.VERSION)
                        .isPresent()
                && new SchemaHistory(dataSource, settings.schema()).isOfThisRelease();
    }

    private SchemaInstaller installer(DatabaseFacts facts) {
        return new SchemaInstaller(dataSource, settings.schema(), facts);
    }

    private static <T> T explaining(Refusals explained, String step, Supplier<T> work) {
        try {
            return work.get();
        } catch (OutboxStoreException e) {
            throw explained.explain(step, e);
        }
    }

    private static void refuse(Mistake mistake) {
        throw new OutboxConfigurationException(List.of(mistake.text()));
    }
}
