package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import java.util.List;

/** How the end of a transaction reaches the database: the two kinds are plain JDBC and a Hibernate session. */
interface EntryTarget {

    /** Brings to the database what payload suppliers have changed meanwhile; may append. */
    void flush();

    /** Inserts on the transaction's own connection. */
    void write(EntryWriter writer, List<EncodedEntry> entries);

    /** On the connection that is bound for the transaction. There is nothing to flush. */
    static EntryTarget jdbc(PhysicalTransaction transaction) {
        return new EntryTarget() {
            @Override
            public void flush() {}

            @Override
            public void write(EntryWriter writer, List<EncodedEntry> entries) {
                writer.write(transaction.connection(), entries);
            }
        };
    }
}
