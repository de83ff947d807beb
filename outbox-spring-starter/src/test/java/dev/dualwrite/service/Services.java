package dev.dualwrite.service;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.TransactionManager;

/** Runs a service, and looks at its context. Only types of the JDK come out: the class loaders differ. */
final class Services {

    private Services() {}

    static Map<String, String> run(
            Class<?> service, String[] arguments, Consumer<ConfigurableApplicationContext> work) {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(service)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .properties("spring.main.banner-mode=off")
                .run(arguments)) {
            work.accept(context);
            var seen = new LinkedHashMap<String, String>();
            seen.put("flyway", Arrays.toString(context.getBeanNamesForType(Flyway.class)));
            seen.put(
                    "transactionManager",
                    context.getBean(TransactionManager.class).getClass().getSimpleName());
            seen.put(
                    "beans",
                    String.join(
                            " ",
                            Arrays.stream(context.getBeanDefinitionNames())
                                    .sorted()
                                    .toList()));
            return seen;
        }
    }

    static void expectFailure(Runnable work) {
        try {
            work.run();
        } catch (IllegalStateException e) {
            return;
        }
        throw new AssertionError("expected a failure that makes the transaction roll back");
    }
}
