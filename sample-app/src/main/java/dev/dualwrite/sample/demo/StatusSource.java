package dev.dualwrite.sample.demo;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.relay.Relay;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Gathers the status: what this process committed, what its relay applied, and what the views of the primary show. */
@Component
class StatusSource implements CommitListener, SmartInitializingSingleton {

    private final JdbcTemplate jdbc;
    private final ObjectProvider<Relay> relay;
    private final SampleData data;
    private final Environment environment;
    private final String schema;
    private final AtomicLong written = new AtomicLong();

    StatusSource(
            JdbcTemplate jdbc,
            ObjectProvider<Relay> relay,
            SampleData data,
            Environment environment,
            @Value("${dualwrite.schema.name:dualwrite}") String schema) {
        this.jdbc = jdbc;
        this.relay = relay;
        this.data = data;
        this.environment = environment;
        this.schema = Schema.checkName(schema);
    }

    @Override
    public void committed(int entries) {
        written.addAndGet(entries);
    }

    /** Counts what an earlier start left behind as written, since this one applies it; before the relay starts. */
    @Override
    public void afterSingletonsInstantiated() {
        written.addAndGet(count("SELECT coalesce(sum(entries), 0) FROM " + schema + ".backlog"));
    }

    Status read() {
        Relay running = relay.getIfAvailable();
        Double lag =
                jdbc.queryForObject("SELECT coalesce(max(lag_seconds), 0) FROM " + schema + ".backlog", Double.class);
        return new Status(
                "http://localhost:" + environment.getProperty("local.server.port"),
                data.percent(),
                written.get(),
                running == null ? 0 : running.status().applied(),
                Objects.requireNonNull(lag),
                count("SELECT count(*) FROM " + schema + ".stuck_entries"));
    }

    private long count(String query) {
        return Objects.requireNonNull(jdbc.queryForObject(query, Long.class));
    }
}
