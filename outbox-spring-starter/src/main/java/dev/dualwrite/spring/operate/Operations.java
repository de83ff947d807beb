package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.ActRefusedException;
import dev.dualwrite.outbox.ActRefusedException.Kind;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.Act;
import dev.dualwrite.outbox.jdbc.ActResult;
import dev.dualwrite.outbox.jdbc.AuditPage;
import dev.dualwrite.outbox.jdbc.LaneOverview;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.StuckFilter;
import dev.dualwrite.outbox.jdbc.StuckPage;
import java.security.Principal;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one way from a page or an endpoint to the outbox: who may act is decided, who acts is put on record, payloads are redacted.
 * Thread-safe; every method blocks on the primary, in a transaction of its own.
 *
 * <p>Every act throws {@link ActRefusedException} if the caller may not, or the outbox refuses it; nothing has changed then. A dry run
 * needs the same right. Looking needs none here: whoever shows the answers asks {@link #caller()} first. Every method throws
 * {@link OutboxStoreException} if the primary cannot be asked.
 */
public final class Operations {

    private final OperatorStore store;
    private final OperatorAccess access;
    private final Redaction redaction;
    private final @Nullable Principal principal;

    public Operations(OperatorStore store, OperatorAccess access, Redaction redaction) {
        this(store, access, redaction, null);
    }

    private Operations(OperatorStore store, OperatorAccess access, Redaction redaction, @Nullable Principal principal) {
        this.store = store;
        this.access = access;
        this.redaction = redaction;
        this.principal = principal;
    }

    /** The same for the person whom a web server names, where the thread's own context does not: in a reactive application. */
    public Operations as(@Nullable Principal known) {
        return new Operations(store, access, redaction, known);
    }

    /** Who asks, and what they may; does not block on the primary. */
    public Caller caller() {
        return access.caller(principal);
    }

    /** Why a request to that host is not taken; empty if it is: see {@link OperatorAccess#refusalOfHost}. */
    public Optional<String> refusalOfHost(@Nullable String host) {
        return Optional.ofNullable(access.refusalOfHost(host));
    }

    /** How everything stands. */
    public Overview overview() {
        return store.overview();
    }

    /** The lanes of one sink, or of all. */
    public List<LaneOverview> lanes(@Nullable String sink) {
        return store.lanes(sink);
    }

    /** One page of the entries that do not get on. */
    public StuckPage stuck(StuckFilter filter) {
        return store.stuck(filter);
    }

    /** One stuck entry, redacted; empty if it is not stuck, or not there. */
    public Optional<ShownEntry> entry(long entryId) {
        return store.entry(entryId).map(redaction::show);
    }

    /** Acts of people, the newest first; {@code before} is absent for the newest, {@code limit} 1 to 500. */
    public AuditPage audit(@Nullable Long before, int limit) {
        return store.audit(before, limit);
    }

    /** Gives a dead entry a fresh set of attempts. */
    public ActResult requeue(long entryId, Why why) {
        return store.requeue(entryId, act(why));
    }

    /** The same if it is an entry of that sink; refused if it is of another one. */
    public ActResult requeue(String sink, long entryId, Why why) {
        return store.requeue(sink, entryId, act(why));
    }

    /** The same for these, all or none. */
    public ActResult requeue(Collection<Long> entryIds, Why why) {
        return store.requeue(entryIds, act(why));
    }

    /** The same for the dead entries of a sink, the oldest 10,000 aggregates a call: again until it touches fewer. */
    public ActResult requeueAll(String sink, Why why) {
        return store.requeueAll(sink, act(why));
    }

    /** Takes a dead entry out for good. */
    public ActResult discard(long entryId, Why why) {
        return store.discard(entryId, act(why));
    }

    /** The same if it is an entry of that sink; refused if it is of another one. */
    public ActResult discard(String sink, long entryId, Why why) {
        return store.discard(sink, entryId, act(why));
    }

    /** The same for these, all or none. */
    public ActResult discard(Collection<Long> entryIds, Why why) {
        return store.discard(entryIds, act(why));
    }

    /** Stops applying to a sink. */
    public ActResult pause(String sink, Why why) {
        return store.pause(sink, act(why));
    }

    /** Starts applying to a paused sink again. */
    public ActResult resume(String sink, Why why) {
        return store.resume(sink, act(why));
    }

    private Act act(Why why) {
        Caller caller = caller();
        if (!caller.mayAct()) {
            throw new ActRefusedException(
                    Kind.FORBIDDEN,
                    "not allowed: " + Objects.requireNonNullElse(caller.refusal(), "no reason given"),
                    null);
        }
        return new Act(Objects.requireNonNullElse(caller.name(), "unknown"), why.reason(), why.dryRun());
    }
}
