package dev.dualwrite.spring.bypass;

import dev.dualwrite.outbox.CaptureBypassedException;

/**
 * A change of a captured table that no capture sees. Immutable.
 *
 * @param tables as the statement names them, separated by commas
 * @param entities that the tables belong to
 * @param place in the service's own code
 * @param shape the statement without its literals
 */
record Bypass(String tables, String entities, String place, String shape) {

    CaptureBypassedException refusal() {
        return new CaptureBypassedException(
                "a statement that was not sent would change '" + tables
                        + "' of the captured " + entities + " without its capture, at " + place + ": " + shape
                        + ". Next: change the entities instead; or, if the secondary need not be told of this, or is told by an append"
                        + " of your own, wrap the call in CaptureBypass.run(reason, ...); or set dualwrite.capture.bypass=warn");
    }
}
