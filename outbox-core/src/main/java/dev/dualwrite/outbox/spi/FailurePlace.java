package dev.dualwrite.outbox.spi;

/** Where a user's pure function failed, for a person who may not see the payload. */
public final class FailurePlace {

    private FailurePlace() {}

    /** The class of an exception and the line that it came from; not its message, which may quote a payload. */
    public static String of(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (!frame.getClassName().startsWith("java.")
                    && !frame.getClassName().startsWith("jdk.")) {
                return failure.getClass().getName() + " at " + frame.getClassName() + "." + frame.getMethodName() + ":"
                        + frame.getLineNumber();
            }
        }
        return failure.getClass().getName();
    }
}
