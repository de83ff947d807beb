// Stuck entries: find them, read why, and put them right, one or many.

import { act, requeueAll } from "./act.js";
import { post } from "./api.js";
import { el, show } from "./dom.js";
import { inspect } from "./entry.js";
import { age, number, plural } from "./format.js";
import { chip, empty, problem, table } from "./parts.js";

let filter = {};
let entries = null;
let next = null;
let failed = null;
let changed = false;
let seen = "";
let pages = 0;
let loadedAt = 0;

/** Raised whenever what was asked for is not wanted any more: a late answer must not draw over what is open now. */
let turn = 0;

/** Each reload is a query over all that is held. */
const RELOAD_MS = 10_000;
const chosen = new Set();

export const stuck = {
  id: "stuck",
  title: "Stuck entries",
  open(page) {
    stuck.isOpen = true;
    chosen.clear();
    entries = null;
    next = null;
    failed = null;
    changed = false;
    stuck.listeners = { click: (e) => clicked(page, e), change: (e) => ticked(page, e), submit: (e) => filtered(page, e) };
    Object.entries(stuck.listeners).forEach(([kind, listener]) => page.view.addEventListener(kind, listener));
    draw(page);
    load(page, false);
  },
  closed() {
    stuck.isOpen = false;
    turn += 1;
    const view = document.getElementById("view");
    Object.entries(stuck.listeners).forEach(([kind, listener]) => view.removeEventListener(kind, listener));
  },
  told(page) {
    const now = count(page);
    if (now !== seen && (entries !== null || failed)) {
      changed = true;
    }
    // Nothing moves under the hand of somebody who has chosen entries or reads one.
    if (changed && reloads() && Date.now() - loadedAt >= RELOAD_MS) {
      load(page, false);
    } else {
      draw(page);
    }
  },
  badge(page) {
    const dead = page.look.sinks.reduce((sum, sink) => sum + sink.dead, 0);
    return dead === 0 ? null : [number(dead), el("span", { class: "hidden" }, " dead")];
  },
};

/** Nor is a list cut back that somebody has made longer: they are told, and say when. */
function reloads() {
  return pages <= 1 && chosen.size === 0 && !document.querySelector("dialog[open]");
}

/** By these the page notices that the list has changed. */
function count(page) {
  return (page.look?.sinks ?? []).map((sink) => `${sink.sink} ${sink.dead} ${sink.blocked} ${sink.backingOff}`).join();
}

async function load(page, more) {
  if (!stuck.isOpen) {
    return;
  }
  const mine = ++turn;
  const counted = count(page);
  loadedAt = Date.now();
  try {
    const answer = await post("api/stuck", { ...filter, after: more ? next : null });
    if (mine !== turn) {
      return;
    }
    if (!more) {
      changed = false;
      seen = counted;
    }
    pages = more ? pages + 1 : 1;
    entries = more ? [...entries, ...answer.entries] : answer.entries;
    next = answer.next;
    failed = null;
    const there = new Set(entries.map((entry) => entry.id));
    [...chosen].filter((id) => !there.has(id)).forEach((id) => chosen.delete(id));
  } catch (e) {
    if (mine !== turn) {
      return;
    }
    failed = e;
  }
  draw(page);
}

function draw(page) {
  const narrowed = Object.keys(filter).length > 0;
  const had = page.view.contains(document.activeElement);
  show(page.view, el("h1", null, "Stuck entries"), form(page),
    failed ? problem(failed) : null,
    changed && !reloads() ? el("div", { class: "notice hold", role: "status" }, el("p", null, "The list has changed meanwhile. ",
      el("button", { type: "button", "data-do": "refresh" }, "Refresh"))) : null,
    entries === null ? el("p", { class: "muted" }, failed ? "" : "Looking …")
      : entries.length === 0
        ? narrowed ? empty("Nothing stuck matches this filter.", "Clear the filter to see all.")
          : empty("Nothing is stuck.", "Entries show up here when they are dead, wait behind a failed one, or are overdue.")
        : [bulk(page), list(page)],
    next === null || entries === null ? null
      : el("p", { class: "more" }, el("button", { type: "button", "data-do": "more" }, "Show more")));
  if (had && !page.view.contains(document.activeElement)) {
    // What had the focus is gone: the keyboard goes on from here, not from the top of the page.
    document.getElementById("main").focus();
  }
}

function form(page) {
  const option = (value, text, chosenValue) => el("option", { value, selected: value === chosenValue }, text);
  const field = (id, label, input) => el("div", { class: "field" }, el("label", { for: id }, label), input);
  return el("form", { class: "filter", "aria-label": "Filter", "data-key": "filter" },
    field("f-sink", "Sink", el("select", { id: "f-sink", name: "sink" }, option("", "All sinks", filter.sink ?? ""),
      (page.look?.sinks ?? []).map((sink) => option(sink.sink, sink.sink, filter.sink)))),
    field("f-state", "State", el("select", { id: "f-state", name: "state" }, option("", "All states", filter.state ?? ""),
      ["dead", "blocked", "overdue"].map((state) => option(state, state, filter.state)))),
    field("f-type", "Aggregate type", el("input", { id: "f-type", name: "aggregateType", value: filter.aggregateType ?? "", autocomplete: "off" })),
    field("f-id", "Aggregate id", el("input", { id: "f-id", name: "aggregateId", value: filter.aggregateId ?? "", autocomplete: "off" })),
    el("div", { class: "buttons" }, el("button", { type: "submit", class: "primary" }, "Filter"),
      el("button", { type: "button", "data-do": "clear" }, "Clear")));
}

function bulk(page) {
  const dead = entries.filter((entry) => entry.state === "dead");
  const all = dead.length > 0 && dead.every((entry) => chosen.has(entry.id));
  const some = chosen.size > 0;
  const may = page.me.mayAct;
  return el("div", { class: "bulk", role: "group", "aria-label": "Several entries" },
    el("label", { class: "tick" }, checkbox("all", all, dead.length === 0 || !may), "All dead ones in this list"),
    el("span", { class: "muted", role: "status" }, some ? `${plural(chosen.size, "entry", "entries")} chosen` : ""),
    el("button", { type: "button", class: "primary", "data-do": "requeue", disabled: !some || !may }, "Requeue chosen …"),
    el("button", { type: "button", class: "danger", "data-do": "discard", disabled: !some || !may }, "Discard chosen …"),
    next === null && pages <= 1 ? null : (page.look?.sinks ?? []).filter((sink) => sink.dead > 0 && sink.sink === (filter.sink ?? sink.sink))
      .map((sink) => el("button", { type: "button", "data-do": "all", "data-sink": sink.sink, disabled: !may },
        `Requeue all ${number(sink.dead)} dead of ${sink.sink} …`)),
    may ? null : el("p", { class: "muted" }, page.me.whyNot));
}

function checkbox(name, checked, disabled, label) {
  const box = el("input", { type: "checkbox", "data-choose": name, disabled, "aria-label": label });
  box.checked = checked;
  return box;
}

const COLUMNS = [
  { title: "Choose", quiet: true, class: "choose" }, { title: "Entry", header: true },
  { title: "Sink" }, { title: "State" }, { title: "Why" }, { title: "Attempts", class: "num" }, { title: "Age", class: "age" },
  { title: "Inspect", quiet: true, class: "do" },
];

function list(page) {
  return table("Stuck entries", COLUMNS, entries.map((entry) => ({
    key: entry.id,
    cells: [
      entry.state === "dead" && page.me.mayAct ? checkbox(entry.id, chosen.has(entry.id), false, `Choose entry ${entry.id}`) : "",
      [el("span", { class: "of" }, `${entry.aggregateType} ${entry.aggregateId}`), el("span", { class: "id" }, `entry ${entry.id}`)],
      entry.sink, chip(entry.state), why(entry), number(entry.attempts), age(entry.ageSeconds),
      el("button", { type: "button", "data-do": "inspect", "data-id": entry.id }, "Inspect", el("span", { class: "hidden" }, ` entry ${entry.id}`)),
    ],
  })));
}

function why(entry) {
  return [el("span", { class: "why" }, entry.errorMessage ?? (entry.blockedBy ? `Waits behind entry ${entry.blockedBy}.` : "No error is recorded.")),
    entry.nextStep ? el("span", { class: "next" }, entry.nextStep) : null];
}

function filtered(page, event) {
  event.preventDefault();
  filter = {};
  for (const [name, value] of new FormData(event.target)) {
    if (value.trim() !== "") {
      filter[name] = value.trim();
    }
  }
  anew(page);
}

/** Another list: what is shown of the last one could be acted upon until the answer comes. */
function anew(page) {
  chosen.clear();
  entries = null;
  next = null;
  failed = null;
  draw(page);
  load(page, false);
}

function ticked(page, event) {
  const name = event.target.dataset?.choose;
  if (!name) {
    return;
  }
  const ids = name === "all" ? entries.filter((entry) => entry.state === "dead").map((entry) => entry.id) : [name];
  ids.forEach((id) => (event.target.checked ? chosen.add(id) : chosen.delete(id)));
  draw(page);
}

function clicked(page, event) {
  const button = event.target.closest("button[data-do]");
  const what = button?.dataset.do;
  if (what === "clear") {
    button.form.reset();
    button.form.querySelectorAll("input").forEach((input) => (input.value = ""));
    filter = {};
    anew(page);
  } else if (what === "refresh" || what === "more") {
    load(page, what === "more");
  } else if (what === "all") {
    requeueAll(page, button.dataset.sink, async () => {
      await afterAct(page);
    });
  } else if (what === "inspect") {
    inspect(page, button.dataset.id, (verb, id) => ask(page, verb, [id]));
  } else if (what === "requeue" || what === "discard") {
    ask(page, what, [...chosen]);
  }
}

/** What was requeued is applied a moment later: whoever acted sees that at the next look, and not ten seconds on. */
async function afterAct(page) {
  chosen.clear();
  await load(page, false);
  loadedAt = 0;
}

const WORDS = {
  requeue: ["Requeue", "requeued", "Each gets a fresh set of attempts, from now on. Do it once the cause is gone."],
  discard: ["Discard", "discarded", "Each is taken out for good and its aggregate is marked for repair: the sink may miss this change until it is repaired."],
};

function ask(page, action, ids) {
  const [verb, done, text] = WORDS[action];
  const what = ids.length === 1 ? `entry ${ids[0]}` : plural(ids.length, "entry", "entries");
  act({
    title: `${verb} ${what}`,
    text: ids.length === 1 ? text.replace("Each", "It") : text,
    verb,
    danger: action === "discard",
    preview: ids.length > 1,
    request: { action, entries: ids },
    async done(answer) {
      document.getElementById("entry").close();
      await afterAct(page);
      page.say(`${plural(answer.count, "entry", "entries")} ${done}.`);
      document.getElementById("main").focus();
    },
  });
}
