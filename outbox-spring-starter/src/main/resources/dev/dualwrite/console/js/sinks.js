// Sinks: what state each is in, why, and who said so; pause and resume.

import { act, requeueAll } from "./act.js";
import { el, show } from "./dom.js";
import { lag, number, since, time } from "./format.js";
import { chip, empty, entriesOf, facts, stateOf } from "./parts.js";

export const sinks = {
  id: "sinks",
  title: "Sinks",
  open(page) {
    sinks.told(page);
    page.view.addEventListener("click", (sinks.listener = (event) => pressed(page, event)));
  },
  closed() {
    document.getElementById("view").removeEventListener("click", sinks.listener);
  },
  told(page) {
    const all = page.look?.sinks;
    show(page.view, el("h1", null, "Sinks"),
      all === undefined ? el("p", { class: "muted" }, "Looking …")
        : all.length === 0 ? empty("No sink is known.", "A relay makes its sinks known when it starts.")
          : el("ul", { class: "list" }, all.map((sink) => one(page, sink))));
  },
};

function one(page, sink) {
  const state = stateOf(sink);
  const paused = sink.state === "paused";
  const id = `sink-${sink.sink}`;
  return el("li", { class: "card", "data-key": sink.sink },
    el("article", { "aria-labelledby": id },
      el("div", { class: "head" }, el("h2", { id }, sink.sink), chip(state),
        el("button", {
          type: "button", class: paused ? "primary" : "", "data-act": paused ? "resume" : "pause", "data-sink": sink.sink,
          disabled: !page.me.mayAct, title: page.me.whyNot || null, "aria-describedby": page.me.mayAct ? null : "who",
        }, paused ? "Resume …" : "Pause …", el("span", { class: "hidden" }, ` ${sink.sink}`)),
        sink.dead > 0 ? el("button", {
          type: "button", "data-act": "requeueAll", "data-sink": sink.sink, disabled: !page.me.mayAct, title: page.me.whyNot || null,
        }, "Requeue all dead …", el("span", { class: "hidden" }, ` of ${sink.sink}`)) : null),
      sink.reason ? el("p", { class: `reason ${state === "paused" ? "hold" : "bad"}` }, sink.reason) : null,
      facts(
        sink.since ? ["Since", time(sink.since), " (", since(sink.since, page.now()), ")"] : null,
        sink.pausedBy ? ["Paused by", sink.pausedBy] : null,
        state === "tripped" ? ["Breaker open at", `${number(sink.trippedRelays)} of ${number(sink.relays)} relays; it goes on by itself when the store answers`] : null,
        ["Lag", lag(sink.lagSeconds)],
        ["Backlog", entriesOf(sink)],
        ["Dead", number(sink.dead)],
        ["Blocked", number(sink.blocked)],
        ["Backing off", number(sink.backingOff)],
        ["Living relays", number(sink.relays)],
        ["Lanes", `${number(sink.lanes)}, ${sink.unheldLanes === 0 ? "all held" : `${number(sink.unheldLanes)} without a holder`}`],
      )));
}

function pressed(page, event) {
  const button = event.target.closest("button[data-act]");
  if (!button) {
    return;
  }
  const { act: action, sink } = button.dataset;
  if (action === "requeueAll") {
    requeueAll(page, sink);
    return;
  }
  act({
    title: `${action === "pause" ? "Pause" : "Resume"} ${sink}`,
    text: action === "pause"
      ? "Nothing is applied to this sink, on any relay, until a person resumes it. Services go on appending."
      : "Relays begin to apply to this sink again at once.",
    verb: action === "pause" ? "Pause" : "Resume",
    danger: action === "pause",
    request: { action, sink },
    done: () => page.say(action === "pause" ? `${sink} is paused.` : `${sink} is resumed.`),
  });
}
