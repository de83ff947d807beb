package dev.dualwrite.sample.demo;

import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Names both stores in {@code /actuator/info}, so that a person or a script finds them. */
@Component
class StoresInfo implements InfoContributor {

    private final Environment environment;

    StoresInfo(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void contribute(Info.Builder info) {
        info.withDetail(
                "stores", Map.of("primary", store("spring.datasource"), "secondary", store("sample.secondary")));
    }

    private Map<String, String> store(String prefix) {
        return Map.of(
                "url", withoutParameters(environment.getRequiredProperty(prefix + ".url")),
                "username", environment.getProperty(prefix + ".username", ""));
    }

    /** The parameters of a JDBC URL can hold a password. */
    private static String withoutParameters(String url) {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }
}
