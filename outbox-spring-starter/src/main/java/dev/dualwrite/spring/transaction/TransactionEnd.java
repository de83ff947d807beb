package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.spi.AppendBuffer;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.Committed;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happens at the end of a transaction of the outbox: its entries are written; after the commit the relay is woken. */
final class TransactionEnd {

    // Guessed: suppliers that append are rare, and one that always does would go on for ever.
    private static final int MAX_ROUNDS = 16;

    private final Supplier<EntryWriter> writer;
    private final Supplier<List<CommitListener>> commitListeners;
    private final CrashProbe probe;

    TransactionEnd(Supplier<EntryWriter> writer, Supplier<List<CommitListener>> commitListeners, CrashProbe probe) {
        this.writer = writer;
        this.commitListeners = commitListeners;
        this.probe = probe;
    }

    /**
     * Writes all that was appended, in one statement. The caller has flushed, so every row lock of the transaction is held
     * when the numbers are drawn. Serialising a payload runs user code, which may change entities and append: so what it
     * changed is flushed too before the write, and what it appended joins it. References and deletions run none.
     */
    void write(PhysicalTransaction transaction, EntryTarget target) {
        AppendBuffer buffer = transaction.buffer();
        if (!buffer.isEmpty()) {
            EntryWriter entryWriter = writer.get();
            List<EncodedEntry> encoded = encode(transaction, entryWriter, target);
            buffer.seal();
            transaction.runOurs(() -> target.write(entryWriter, encoded));
            transaction.written(Tally.of(encoded));
            // CRASH: ENTRIES_WRITTEN_NOT_COMMITTED the database rolls back domain rows and entries together.
            probe.reached(CrashWindow.ENTRIES_WRITTEN_NOT_COMMITTED);
        }
        buffer.seal();
    }

    private static List<EncodedEntry> encode(PhysicalTransaction transaction, EntryWriter writer, EntryTarget target) {
        var encoded = new ArrayList<EncodedEntry>();
        for (int round = 0; !transaction.buffer().isEmpty(); round++) {
            List<OutboxEntry> drained = transaction.buffer().drain();
            boolean endless = round == MAX_ROUNDS;
            transaction.runOurs(() -> encoded.addAll(endless ? refuse(drained) : writer.encode(drained)));
            if (drained.stream().anyMatch(entry -> entry.payload() != null)) {
                target.flush();
            }
        }
        return encoded;
    }

    private static List<EncodedEntry> refuse(List<OutboxEntry> endless) {
        throw new IllegalStateException("'" + endless.get(0) + "' was appended while the entries of the"
                + " transaction were serialised and flushed, for the " + MAX_ROUNDS + "th time in a row, expected"
                + " an end after a few; the transaction is rolled back. Does a payload's supplier or an entity"
                + " listener append each time it is called?");
    }

    /** Wakes the relay if entries were written. Never throws because of a listener. */
    void wake(PhysicalTransaction transaction) {
        Committed written = transaction.written();
        if (written == null) {
            return;
        }
        // CRASH: COMMITTED_NOT_WOKEN the relay finds the entries at its next poll.
        probe.reached(CrashWindow.COMMITTED_NOT_WOKEN);
        for (CommitListener listener : commitListeners.get()) {
            try {
                listener.committed(written);
            } catch (RuntimeException e) {
                // Loop boundary: the transaction has committed, its caller must not believe otherwise.
                TransactionLog.commitListenerFailed(listener, written.appends(), e);
            }
        }
    }
}
