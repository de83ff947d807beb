// The one dialog in which a person says why, sees what will be touched, and confirms.

import { ACT, actor, post } from "./api.js";
import { el } from "./dom.js";
import { plural } from "./format.js";
import { problem } from "./parts.js";

/**
 * Asks for a reason, then acts.
 *
 * @param title, text, verb what is about to be done; verb is the word on the button
 * @param danger whether it takes something away
 * @param request what goes to the server, without the reason
 * @param preview whether the server is asked first what it would do
 * @param done called with the server's answer
 */
export function act({ title, text, verb, danger, request, preview, done }) {
  const dialog = document.getElementById("act");
  const reason = el("textarea", { id: "reason", rows: 2, required: true, maxlength: 1000, autocomplete: "off" });
  const result = el("div", { class: "result", "aria-live": "polite" });
  const confirm = el("button", { type: "submit", class: danger ? "danger" : "primary" }, preview ? "Preview" : verb);
  const cancel = el("button", { type: "button" }, "Cancel");
  let seen = !preview;
  let acting = false;

  const form = el("form", { method: "dialog", novalidate: true },
    el("h2", { id: "act-title" }, title), el("p", null, text),
    el("label", { for: "reason" }, "Reason"),
    el("p", { class: "muted", id: "reason-help" }, `Recorded in the audit under the name ${actor()}. No personal data.`),
    reason, result, el("div", { class: "buttons" }, cancel, confirm));
  reason.setAttribute("aria-describedby", "reason-help");

  // What was previewed is what was asked for then: another reason is no other act.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (reason.value.trim() === "") {
      reason.setAttribute("aria-invalid", "true");
      result.replaceChildren(problem({ message: "A reason is needed.", hint: "Say it so that it still helps in half a year." }));
      reason.focus();
      return;
    }
    reason.removeAttribute("aria-invalid");
    confirm.disabled = true;
    // What is being done cannot be called off any more: a dialog that closes now would say that it was.
    acting = seen;
    cancel.disabled = acting;
    try {
      const answer = await post(ACT, { ...request, reason: reason.value.trim(), dryRun: !seen });
      if (seen) {
        acting = false;
        if (dialog.contains(form)) {
          dialog.close();
        }
        done(answer);
        return;
      }
      seen = true;
      result.replaceChildren(previewed(answer));
      confirm.textContent = answer.count === 0 ? verb : `${verb} ${plural(answer.count, "entry", "entries")}`;
      confirm.disabled = answer.count === 0;
      if (answer.count > 0) {
        confirm.focus();
      } else {
        cancel.focus();
      }
      return;
    } catch (e) {
      result.replaceChildren(problem(e));
    }
    acting = false;
    cancel.disabled = false;
    confirm.disabled = false;
    confirm.focus();
  });
  cancel.addEventListener("click", () => dialog.close());
  // The Escape key. One dialog for all acts: this takes the place of what the last one put here.
  dialog.oncancel = (event) => {
    if (acting) {
      event.preventDefault();
    }
  };

  dialog.replaceChildren(form);
  dialog.showModal();
  reason.focus();
}

function previewed({ count, touched }) {
  return el("div", { class: "preview" },
    el("h3", null, `This will touch ${plural(count, "entry", "entries")}`),
    el("ul", null, touched.map((line) => el("li", null, line)),
      count > touched.length && touched.length > 0 ? el("li", null, `and ${plural(count - touched.length, "other", "others")}`) : null));
}

/** As many first ones as the server takes a call. */
const MOST_REQUEUED = 10_000;

/** The dead entries of a sink, 10,000 aggregates at a time: more than a list shows, or a person ticks. */
export function requeueAll(page, sink, done) {
  act({
    title: `Requeue all dead entries of ${sink}`,
    text: "Each dead entry of this sink, whatever a filter shows, gets a fresh set of attempts, from now on; up to 10,000 aggregates at a time, the oldest first. Do it once the cause is gone.",
    verb: "Requeue",
    danger: false,
    preview: true,
    request: { action: "requeueAll", sink },
    async done(answer) {
      await done?.();
      const more = answer.count >= MOST_REQUEUED ? " There may be more: do it again for the rest." : "";
      page.say(`${plural(answer.count, "entry", "entries")} of ${sink} requeued.${more}`);
      document.getElementById("main").focus();
    },
  });
}
