package dev.dualwrite.sample.demo;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The demo's own settings.
 *
 * @param dataDir where embedded databases keep their data from one start to the next
 * @param primaryPort of the embedded primary, 0 for a free one
 * @param secondaryPort of the embedded secondary, 0 for a free one
 * @param seedOrders how many orders of sample data to load at the first start, 0 or more
 * @param load the gentle load
 */
@ConfigurationProperties("sample")
record SampleProperties(
        @DefaultValue("target/sample-data") Path dataDir,
        @DefaultValue("0") int primaryPort,
        @DefaultValue("0") int secondaryPort,
        @DefaultValue("10000") int seedOrders,
        @DefaultValue Load load) {

    /**
     * The gentle load.
     *
     * @param rate writes a second, 0 for none
     */
    record Load(@DefaultValue("5") double rate) {}
}
