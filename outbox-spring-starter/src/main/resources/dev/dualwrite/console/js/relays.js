// Relays and lanes: who is alive, and who works which lane.

import { get } from "./api.js";
import { el, show } from "./dom.js";
import { age, number, plural, since, time } from "./format.js";
import { chip, empty, problem, table } from "./parts.js";

let lanes = null;
let failed = null;
let asked = 0;

/** As in the other sections: answers to an older question are dropped. */
let turn = 0;

export const relays = {
  id: "relays",
  title: "Relays and lanes",
  open(page) {
    asked = 0;
    relays.told(page);
  },
  closed() {
    turn += 1;
  },
  told(page) {
    draw(page);
    look(page);
  },
};

/** Lanes are many: asked for by this section alone, and not at every look. */
async function look(page) {
  if (Date.now() - asked < 4_000) {
    return;
  }
  asked = Date.now();
  const mine = ++turn;
  let answer = null;
  let problem = null;
  try {
    answer = await get("api/lanes");
  } catch (e) {
    problem = e;
  }
  if (mine === turn) {
    lanes = answer ?? lanes;
    failed = problem;
    draw(page);
  }
}

function draw(page) {
  const all = page.look?.relays;
  if (!all) {
    show(page.view, el("h1", null, "Relays and lanes"), el("p", { class: "muted" }, "Looking …"));
    return;
  }
  const letters = new Map(all.map((relay, i) => [relay.relay, letter(i)]));
  show(page.view, el("h1", null, "Relays and lanes"),
    el("section", { class: "block", "aria-labelledby": "relays-title" }, el("h2", { id: "relays-title" }, "Relays"),
      all.length === 0
        ? empty("No relay is alive.", "Nothing is applied to any sink. Start a service with a relay, or a relay pod.")
        : table("Relays, the oldest first", COLUMNS, all.map((relay) => row(page, relay, letters)))),
    el("section", { class: "block", "aria-labelledby": "lanes-title" }, el("h2", { id: "lanes-title" }, "Lanes"),
      el("p", { class: "muted" }, "A lane is one shard of one sink. The letter is that of the relay which works it."),
      failed ? problem(failed) : null,
      lanes === null ? null : bySink(lanes.lanes).map(([sink, own]) => grid(sink, own, letters))));
}

const COLUMNS = [
  { title: "Relay", header: true }, { title: "State" }, { title: "Carries" }, { title: "Lanes held", class: "num" },
  { title: "Fair share", class: "num" }, { title: "Started" }, { title: "Last heartbeat" },
];

function row(page, relay, letters) {
  return {
    key: relay.relay,
    cells: [
      [el("span", { class: "letter" }, letters.get(relay.relay)), " ", relay.host, el("span", { class: "id" }, relay.relay)],
      chip(relay.alive ? "alive" : "gone"), relay.sinks.join(", ") || "–", number(relay.shardsHeld), number(relay.fairShare),
      time(relay.startedAt), [since(relay.heartbeatAt, page.now()), " ago"],
    ],
  };
}

function bySink(all) {
  const found = new Map();
  for (const lane of all) {
    found.set(lane.sink, [...(found.get(lane.sink) ?? []), lane]);
  }
  return [...found];
}

function grid(sink, own, letters) {
  const free = own.filter((lane) => !lane.holder).length;
  return el("div", { "data-key": sink, class: "lanes-of" }, el("h3", null, sink),
    el("p", { class: "muted" }, `${plural(own.length, "lane", "lanes")}, ${free === 0 ? "each with a holder" : `${number(free)} without a holder`}`),
    el("ol", { class: "lanes" }, own.map((lane) => cell(lane, letters))));
}

function cell(lane, letters) {
  const holder = lane.holder ? letters.get(lane.holder) ?? "?" : "–";
  const words = `Lane ${lane.shard}: ${lane.holder ? `relay ${holder}` : "no holder"}, ${age(lane.lagSeconds)} behind`;
  return el("li", { class: lane.holder ? "lane" : "lane free", title: words, "data-key": `${lane.sink}/${lane.shard}` },
    el("span", { "aria-hidden": "true", class: "lane-number" }, lane.shard),
    el("span", { "aria-hidden": "true", class: "lane-holder" }, holder),
    lane.lagSeconds >= 60 ? el("span", { "aria-hidden": "true", class: "lane-late" }, "late") : null,
    el("span", { class: "hidden" }, words));
}

/** A, B, … Z, AA: short enough for a cell. */
function letter(i) {
  return i < 26 ? String.fromCharCode(65 + i) : letter(Math.floor(i / 26) - 1) + letter(i % 26);
}
