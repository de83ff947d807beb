package dev.dualwrite.relay.wire;

import java.nio.ByteBuffer;

/**
 * Follows what a PostgreSQL server sends, message by message, and sees where its answers end. Confined to one thread.
 *
 * <p>Bytes of an answer may come while the client still sends what belongs to the same round trip: not the first byte but the
 * message ReadyForQuery makes it the client's turn.
 */
final class Answers {

    private static final int HEADER = 5;

    // While a connection begins the client answers to these too.
    private static final String ENDS = "ZR";

    /** The length of the one command's name that has five characters: the driver does not wait for its answer. */
    private static final int BEGIN = "BEGIN".length() + 1;

    private final byte[] header = new byte[HEADER];
    private int inHeader;
    private int left;
    private boolean speaks;
    private boolean begun;

    /** Whether an answer ends within these bytes. */
    boolean endWithin(byte[] bytes, int length) {
        boolean ends = false;
        int at = 0;
        while (at < length) {
            if (!speaks && (bytes[at] == 'N' || bytes[at] == 'S')) {
                // One byte, no message: whether the server speaks TLS.
                at++;
                ends = true;
            } else if (left > 0) {
                int skipped = Math.min(left, length - at);
                left -= skipped;
                at += skipped;
            } else {
                speaks = true;
                header[inHeader++] = bytes[at++];
                if (inHeader == HEADER) {
                    inHeader = 0;
                    // The length counts itself.
                    left = ByteBuffer.wrap(header, 1, Integer.BYTES).getInt() - Integer.BYTES;
                    ends |= ENDS.indexOf(header[0]) >= 0 && !begun;
                    begun = header[0] == 'C' && left == BEGIN;
                }
            }
        }
        return ends;
    }
}
