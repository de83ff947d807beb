package dev.dualwrite.sample;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.sample.order.OrderRequest;
import dev.dualwrite.sample.order.OrderService;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.FileSystemUtils;

/** The sample app as a user starts it, with its embedded stores, started once for all classes below this one. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"sample.seed-orders=300", "sample.load.rate=0"})
@Import(SampleIT.Failing.class)
abstract class SampleIT {

    /** Each of the JVMs that run these tests at the same time has its own. */
    private static final Path DATA = Path.of("target", "it-data-" + System.getProperty("sample.fork", "1"));

    @Autowired
    private Environment environment;

    @Autowired
    FailingCheckout failingCheckout;

    @LocalServerPort
    private int port;

    /** A new one each time: what an earlier build has left there says nothing about this one. */
    @DynamicPropertySource
    static void emptyDataDirectory(DynamicPropertyRegistry registry) throws IOException {
        FileSystemUtils.deleteRecursively(DATA);
        registry.add("sample.data-dir", DATA::toString);
    }

    final int port() {
        return port;
    }

    final OrderClient client() {
        return new OrderClient(port);
    }

    final Stores stores() {
        return new Stores(
                Stores.client(environment.getRequiredProperty("spring.datasource.url")),
                Stores.client(environment.getRequiredProperty("sample.secondary.url")));
    }

    /** Until the orders of the demo, which are written in the background, are in the primary. */
    final void awaitSampleData() {
        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(stores().primary()
                                .sql("SELECT loaded FROM demo_data")
                                .query(Integer.class)
                                .single())
                        .isEqualTo(300));
    }

    /** A service call that writes an order, and then fails. */
    static class FailingCheckout {

        private final OrderService orders;

        FailingCheckout(OrderService orders) {
            this.orders = orders;
        }

        @Transactional
        public void fail(OrderRequest order) {
            orders.create(order);
            throw new IllegalStateException("the card is declined");
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Failing {

        @Bean
        FailingCheckout failingCheckout(OrderService orders) {
            return new FailingCheckout(orders);
        }
    }
}
