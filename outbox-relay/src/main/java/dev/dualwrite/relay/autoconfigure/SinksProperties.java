package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.sink.SinkSettings;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The sinks that are configured and not programmed.
 *
 * @param sinks settings of each sink, by its name
 */
@ConfigurationProperties("dualwrite")
record SinksProperties(@DefaultValue Map<String, SinkSettings> sinks) {}
