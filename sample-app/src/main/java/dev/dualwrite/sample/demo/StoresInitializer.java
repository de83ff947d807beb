package dev.dualwrite.sample.demo;

import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Makes both stores ready before there is any bean: starts an embedded server for each that is not configured, and gives the
 * secondary its table.
 *
 * <p>Before any bean, and as plain properties, since that is the one way that needs no order of beans: the service's own
 * DataSource, its Flyway and the sink read a URL as they would in production, and cannot tell the difference. Two servers
 * and not two databases of one: they are two stores, and one of them can be stopped alone.
 */
final class StoresInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final Logger LOG = LoggerFactory.getLogger(StoresInitializer.class);

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        SampleProperties sample = Binder.get(environment).bindOrCreate("sample", SampleProperties.class);
        Map<String, Object> found = new LinkedHashMap<>();
        if (!environment.containsProperty("spring.datasource.url")) {
            PostgresServer primary = start(context, "primary", sample.dataDir(), sample.primaryPort());
            found.put("spring.datasource.url", primary.createDatabase("orders"));
            found.put("spring.datasource.username", primary.user());
            found.put("spring.datasource.password", primary.password());
        }
        if (!environment.containsProperty("sample.secondary.url")) {
            PostgresServer secondary = start(context, "secondary", sample.dataDir(), sample.secondaryPort());
            found.put("sample.secondary.url", secondary.createDatabase("documents"));
            found.put("sample.secondary.username", secondary.user());
            found.put("sample.secondary.password", secondary.password());
        }
        if (!environment.containsProperty("server.port")) {
            found.put("server.port", claimHttpPort(context));
        }
        // Last: whatever a person has set wins.
        environment.getPropertySources().addLast(new MapPropertySource("sample stores", found));
        createSecondaryTable(environment);
    }

    private static PostgresServer start(ConfigurableApplicationContext context, String store, Path dataDir, int port) {
        Path directory = dataDir.resolve(store).toAbsolutePath();
        PostgresServer server;
        try {
            server = PostgresServer.start(
                    PostgresConfig.defaults().withPort(port).keptIn(directory));
        } catch (IllegalStateException e) {
            throw new StoreNotStartedException(store, e);
        }
        // Registered before every bean, so closed after every bean: the pools are gone by then.
        ((DefaultListableBeanFactory) context.getBeanFactory()).registerDisposableBean(store + "Server", server::close);
        LOG.info("sample_store_started store={} port={} data={}", store, server.port(), directory);
        return server;
    }

    private static int claimHttpPort(ConfigurableApplicationContext context) {
        try {
            HttpPort port = HttpPort.firstFree();
            closeLast(context, "httpPort", port::close);
            return port.number();
        } catch (IOException e) {
            throw new UncheckedIOException("no HTTP port can be claimed in java.io.tmpdir; set --server.port", e);
        }
    }

    /** Registered before every bean, so closed after every bean: the pools are gone by then. */
    private static void closeLast(ConfigurableApplicationContext context, String name, DisposableBean resource) {
        ((DefaultListableBeanFactory) context.getBeanFactory()).registerDisposableBean(name, resource);
    }

    /** With a Flyway of its own: the secondary has another owner and another history than the primary. */
    private static void createSecondaryTable(ConfigurableEnvironment environment) {
        Flyway.configure()
                .dataSource(
                        environment.getRequiredProperty("sample.secondary.url"),
                        environment.getProperty("sample.secondary.username"),
                        environment.getProperty("sample.secondary.password"))
                .locations("classpath:secondary/migration")
                .table("order_documents_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
