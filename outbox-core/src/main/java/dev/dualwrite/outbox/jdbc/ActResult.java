package dev.dualwrite.outbox.jdbc;

import java.util.List;

/**
 * What an act did, or, of a dry run, would do as things stand. Immutable.
 *
 * @param action as the audit names it: requeue, requeue_some, requeue_all, discard, discard_some, pause_sink,
 *     resume_sink
 * @param subject what was acted on: "entry 7", "sink copy", "entries 2" for so many
 * @param touched how many entries it changed by itself; 0 where it acted on a sink. Those that follow them are not counted
 * @param dryRun whether nothing was changed
 * @param entries as they stood just before, the oldest first: at most 100 of them
 */
public record ActResult(String action, String subject, long touched, boolean dryRun, List<StuckEntry> entries) {

    public ActResult {
        entries = List.copyOf(entries);
    }
}
