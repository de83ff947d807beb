package dev.dualwrite.spring.bypass;

/** What becomes of a statement that changes a captured table past its capture. */
public enum BypassMode {

    /** It is sent, and logged once for each statement shape. */
    WARN,

    /** It is not sent: its caller gets a {@link dev.dualwrite.outbox.CaptureBypassedException}. */
    FAIL,

    /** Nobody looks; the DataSource is left as it is. */
    OFF
}
