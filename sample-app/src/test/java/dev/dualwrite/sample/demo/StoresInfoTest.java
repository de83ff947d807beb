package dev.dualwrite.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.info.Info;
import org.springframework.mock.env.MockEnvironment;

class StoresInfoTest {

    @Test
    void storesAreNamedWithoutTheirPasswords() {
        Info.Builder info = new Info.Builder();

        new StoresInfo(new MockEnvironment()
                        .withProperty("spring.datasource.url", "jdbc:postgresql://a:1/orders?user=u&password=secret")
                        .withProperty("spring.datasource.password", "secret")
                        .withProperty("sample.secondary.url", "jdbc:postgresql://b:2/documents")
                        .withProperty("sample.secondary.username", "reader"))
                .contribute(info);

        assertThat(info.build().getDetails().toString())
                .contains("jdbc:postgresql://a:1/orders", "jdbc:postgresql://b:2/documents", "reader")
                .doesNotContain("secret");
    }
}
