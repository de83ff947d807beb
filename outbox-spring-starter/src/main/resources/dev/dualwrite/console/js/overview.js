// Overview: is everything getting through, and since when not?

import { el, show } from "./dom.js";
import { sparkline } from "./chart.js";
import { lag, number, plural, rate } from "./format.js";
import { chip, entriesOf, stateOf, table } from "./parts.js";

const SPAN_MS = 15 * 60 * 1000;

export const overview = {
  id: "overview",
  title: "Overview",
  open(page) {
    overview.told(page);
  },
  told(page) {
    if (!page.look) {
      show(page.view, el("h1", null, "Overview"), el("p", { class: "muted" }, "Looking …"));
      return;
    }
    show(page.view, el("h1", null, "Overview"), verdict(page.look), tiles(page), sinks(page.look));
  },
};

/** What is wrong, the worst first; each with the way there. */
function concerns({ sinks, relays }) {
  const found = [];
  const living = relays.filter((relay) => relay.alive).length;
  if (sinks.length > 0 && living === 0) {
    found.push(["bad", "No relay is alive: nothing is applied to any sink.", "relays", "See the relays"]);
  }
  for (const sink of sinks) {
    const state = stateOf(sink);
    if (state === "tripped") {
      found.push(["bad", `The store of ${sink.sink} does not work: ${sink.reason ?? "no reason is known"}`, "sinks", "See the sinks"]);
    } else if (state === "paused") {
      found.push(["hold", `${sink.sink} is paused: ${sink.reason}`, "sinks", "See the sinks"]);
    } else if (state === "uncarried" && living > 0) {
      found.push(["bad", `No living relay carries ${sink.sink}.`, "relays", "See the relays"]);
    } else if (sink.unheldLanes > 0 && living > 0) {
      found.push(["hold", `${plural(sink.unheldLanes, "lane", "lanes")} of ${sink.sink} have no holder just now.`, "relays", "See the lanes"]);
    }
    if (sink.dead > 0) {
      found.push(["bad", `${plural(sink.dead, "entry", "entries")} for ${sink.sink} ${sink.dead === 1 ? "is" : "are"} dead and `
        + `${sink.dead === 1 ? "waits" : "wait"} for a person.`, "stuck", "See what is stuck"]);
    }
  }
  return found;
}

function verdict(look) {
  const found = concerns(look);
  const waiting = look.sinks.reduce((sum, sink) => sum + sink.entries, 0);
  if (look.sinks.length === 0) {
    return el("div", { class: "verdict hold" }, el("p", null, "No sink is known yet. Name one in the configuration of a relay."));
  }
  if (found.length === 0) {
    return el("div", { class: "verdict good" }, el("p", null, waiting === 0
      ? "Everything has arrived." : `All is running; ${plural(waiting, "entry is", "entries are")} on the way.`));
  }
  const worst = found.some(([kind]) => kind === "bad") ? "bad" : "hold";
  return el("div", { class: `verdict ${worst}` }, el("ul", null, found.map(([, text, section, link]) =>
    el("li", null, text, " ", el("a", { href: `#/${section}` }, link)))));
}

function tiles({ look, history }) {
  const points = (name) => history.map((point) => ({ at: Date.parse(point.at), value: point[name] ?? null }));
  const worst = look.sinks.reduce((most, sink) => Math.max(most, sink.lagSeconds), 0);
  const waiting = look.sinks.reduce((sum, sink) => sum + sink.entries, 0);
  const estimated = look.sinks.some((sink) => sink.estimated);
  const { appendedPerSecond, appliedPerSecond } = look.point;
  return el("ul", { class: "tiles" },
    tile("Lag", lag(worst), "The oldest entry that can still get on by itself, at the sink that is furthest behind.", points("lagSeconds"), lag),
    tile("Backlog", (estimated ? "about " : "") + number(waiting), "Entries that are not applied, at all sinks.", points("entries"), number),
    tile("Appended", appendedPerSecond === null ? "–" : rate(appendedPerSecond), "Entries a second that the service instance which answers this page has committed.",
      points("appendedPerSecond"), rate),
    tile("Applied", appliedPerSecond === null ? "–" : rate(appliedPerSecond), appliedPerSecond === null
      ? "The instance that answers this page counts none: it has no relay, or no metrics."
      : "Entries a second that the relay in that same instance has applied.", points("appliedPerSecond"), rate));
}

function tile(title, value, meaning, points, say) {
  const known = points.map((point) => point.value).filter((known) => known !== null);
  const most = known.length === 0 ? null : say(Math.max(...known));
  const words = most === null ? `${title}: nothing is known yet.` : `${title} in the last 15 minutes: now ${value}, at most ${most}.`;
  return el("li", { class: "tile" }, el("h2", null, title), el("p", { class: "figure" }, value),
    sparkline(points, SPAN_MS, words),
    el("p", { class: "range" }, el("span", null, "15 min"), most === null ? null : el("span", null, `at most ${most}`)),
    el("p", { class: "muted" }, meaning));
}

function sinks({ sinks: all }) {
  const columns = [
    { title: "Sink", header: true }, { title: "State" }, { title: "Lag", class: "num" }, { title: "Backlog", class: "num" },
    { title: "Dead", class: "num" }, { title: "Blocked", class: "num" }, { title: "Backing off", class: "num" }, { title: "Relays", class: "num" },
  ];
  return el("section", { class: "block", "aria-labelledby": "by-sink" }, el("h2", { id: "by-sink" }, "By sink"),
    table("How each sink stands", columns, all.map((sink) => ({
      key: sink.sink,
      cells: [sink.sink, chip(stateOf(sink)), lag(sink.lagSeconds), entriesOf(sink), number(sink.dead), number(sink.blocked),
        number(sink.backingOff), number(sink.relays)],
    }))));
}
