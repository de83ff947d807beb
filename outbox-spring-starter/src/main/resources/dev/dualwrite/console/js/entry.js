// One entry, with all that is known of it; of its payload only what the service's rules show in the clear.

import { get } from "./api.js";
import { el } from "./dom.js";
import { number, since, time } from "./format.js";
import { chip, facts, problem } from "./parts.js";

/** Opens the dialog of an entry; chosen(verb, id) is called when a person wants to act on it. */
export async function inspect(page, id, chosen) {
  const dialog = document.getElementById("entry");
  const close = el("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const title = el("h2", { id: "entry-title", tabindex: -1 }, `Entry ${id}`);
  const body = el("div", { "aria-live": "polite" }, el("p", { class: "muted" }, "Looking …"));
  const buttons = el("div", { class: "buttons" }, close);
  dialog.replaceChildren(title, body, buttons);
  dialog.showModal();
  title.focus();
  let entry;
  try {
    entry = await get(`api/entries/${encodeURIComponent(id)}`);
  } catch (e) {
    body.replaceChildren(problem(e));
    return;
  }
  body.replaceChildren(...content(page, entry));
  if (entry.state === "dead") {
    for (const [verb, word, kind] of [["discard", "Discard …", "danger"], ["requeue", "Requeue …", "primary"]]) {
      const button = el("button", { type: "button", class: kind, disabled: !page.me.mayAct }, word);
      button.addEventListener("click", () => chosen(verb, id));
      buttons.append(button);
    }
    if (!page.me.mayAct) {
      buttons.before(el("p", { class: "muted" }, page.me.whyNot));
    }
  }
}

function content(page, entry) {
  const now = page.now();
  return [
    el("p", { class: "lead" }, chip(entry.state), ` ${entry.aggregateType} ${entry.aggregateId}`),
    entry.nextStep ? el("div", { class: "notice hold" }, el("h3", null, "What to do"), el("p", null, entry.nextStep)) : null,
    el("h3", null, "Why"),
    entry.errorMessage ? el("pre", { class: "reason bad", tabindex: 0, "aria-label": "Error message" }, entry.errorMessage)
      : el("p", null, entry.blockedBy ? `Waits behind entry ${entry.blockedBy}.` : "No error is recorded."),
    facts(
      ["Sink", entry.sink],
      ["Operation", entry.operation],
      entry.errorClass ? ["Error class", entry.errorClass] : null,
      ["Attempts", number(entry.attempts)],
      ["Appended", time(entry.appendedAt), " (", since(entry.appendedAt, now), " ago)"],
      entry.firstFailedAt ? ["First failed", time(entry.firstFailedAt), " (", since(entry.firstFailedAt, now), " ago)"] : null,
      entry.nextAttemptAt ? ["Next attempt", time(entry.nextAttemptAt)] : null,
      entry.blockedBy ? ["Blocked by", `entry ${entry.blockedBy}`] : null,
      entry.payloadType ? ["Payload type", entry.payloadType] : null,
    ),
    el("h3", null, "Payload"),
    el("p", { class: "muted" }, entry.payloadNote),
    entry.payload === null ? null : el("pre", { tabindex: 0, "aria-label": "Payload" }, text(entry.payload)),
    Object.keys(entry.headers ?? {}).length === 0 ? null
      : [el("h3", null, "Headers"), facts(...Object.entries(entry.headers))],
  ].flat().filter((node) => node !== null);
}

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
