package dev.dualwrite.relay.sink.jdbc;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * One entry, ready to be written. The arrays are not copied.
 *
 * @param place of the entry in its batch
 * @param id of the aggregate, as it names its tombstone
 * @param keys one text for each key column
 * @param values one text for each column of the plan, absent for SQL null; empty for a deletion
 * @param present the columns to write; the others keep what the secondary's default gave them
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one batch, seen by this package only
record Row(
        int place,
        long version,
        String id,
        String[] keys,
        @Nullable String[] values,
        BitSet present) {

    @Override
    public String toString() {
        return id + " version " + version;
    }
}
