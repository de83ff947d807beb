package dev.dualwrite.relay.observe;

import dev.dualwrite.outbox.spi.ClaimedEntry;

/** The entries of one call, in the order in which the sink gets them. To be looked at while the call lasts, not kept. */
public interface CalledEntries {

    int size();

    /** With its payload, which belongs in no measurement. */
    ClaimedEntry entry(int index);

    /** Which attempt of the entry this is, from 1; deferrals do not count. */
    int attempt(int index);
}
