package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.spi.StateLoader;
import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Who loads the states that references refer to, and how large they may be. Immutable.
 *
 * @param loaders beans; they read the application's own primary
 * @param payloadMaxBytes of one state: what holds for a payload that a service appends holds for one that is loaded
 */
record StateSettings(List<StateLoader> loaders, long payloadMaxBytes) {

    StateSettings {
        loaders = List.copyOf(loaders);
    }

    static StateSettings of(List<StateLoader> loaders, Environment environment) {
        // The starter's property; where only a relay runs, nobody else has bound it.
        DataSize max =
                environment.getProperty("dualwrite.outbox.payload-max-size", DataSize.class, DataSize.ofMegabytes(1));
        return new StateSettings(loaders, max.toBytes());
    }
}
