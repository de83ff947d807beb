package dev.dualwrite.outbox;

/**
 * What guards a write at a secondary store: the epoch above, the sequence below, in one {@code long}, so that newer is
 * simply greater. Immutable.
 *
 * @param value {@code epoch * 2^48 + sequence}; 0 is older than every entry and stands for a copied row
 */
public record Version(long value) implements Comparable<Version> {

    private static final int SEQUENCE_BITS = 48;
    private static final long MAX_SEQUENCE = (1L << SEQUENCE_BITS) - 1;
    private static final int MAX_EPOCH = (1 << (63 - SEQUENCE_BITS)) - 1;

    public Version {
        if (value < 0) {
            throw new IllegalArgumentException("version is " + value + ", expected 0 or more");
        }
    }

    /**
     * The version of an entry.
     *
     * @param epoch 0 to 32,767
     * @param sequence 0 to 2^48 - 1
     */
    public static Version of(int epoch, long sequence) {
        if (epoch < 0 || epoch > MAX_EPOCH) {
            throw new IllegalArgumentException("epoch is " + epoch + ", expected 0 to " + MAX_EPOCH);
        }
        if (sequence < 0 || sequence > MAX_SEQUENCE) {
            throw new IllegalArgumentException("sequence is " + sequence + ", expected 0 to " + MAX_SEQUENCE);
        }
        return new Version(((long) epoch << SEQUENCE_BITS) | sequence);
    }

    public int epoch() {
        return (int) (value >>> SEQUENCE_BITS);
    }

    public long sequence() {
        return value & MAX_SEQUENCE;
    }

    @Override
    public int compareTo(Version other) {
        return Long.compare(value, other.value);
    }
}
