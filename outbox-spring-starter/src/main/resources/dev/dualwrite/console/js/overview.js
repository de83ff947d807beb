// Overview: is everything getting through, and since when not?

import { el, show } from "./dom.js";
import { sparkline } from "./chart.js";
import { lag, number, plural, rate, since } from "./format.js";
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
    show(page.view, el("h1", null, "Overview"), verdict(page), tiles(page), sinks(page.look));
  },
};

/** Where to look further, by what is to be seen there. */
function ways(sink) {
  return [
    sink.dead + sink.blocked + sink.backingOff > 0 ? ["stuck", "See what is stuck"] : null,
    sink.relays === 0 || sink.unheldLanes > 0 ? ["relays", "See the relays"] : null,
    sink.state !== "running" ? ["sinks", "See the sinks"] : null,
  ].filter((way) => way !== null).map(([section, words]) => [" ", el("a", { href: `#/${section}` }, words)]);
}

/** The judgement is the server's, the same as its health: one page must not call well what the other calls degraded. */
function verdict(page) {
  const { sinks } = page.look;
  if (sinks.length === 0) {
    return el("div", { class: "verdict hold" }, el("p", null, "No sink is known yet. Name one in the configuration of a relay."));
  }
  const ill = sinks.filter((sink) => sink.findings.length > 0);
  if (ill.length === 0) {
    return el("div", { class: "verdict good" }, el("p", null, wellness(sinks)));
  }
  const wanted = ill.every((sink) => sink.state === "paused" && sink.findings.length === 1);
  return el("div", { class: `verdict ${wanted ? "hold" : "bad"}` }, el("ul", null, ill.map((sink) =>
    el("li", { "data-key": sink.sink }, sink.findings.map((finding) => el("p", null, el("strong", null, `${sink.sink}: ${finding.problem}`),
      finding.since ? `, for ${since(finding.since, page.now())}` : null, `. Next: ${finding.next}.`)), el("p", null, ways(sink))))));
}

function wellness(sinks) {
  const sum = (name) => sinks.reduce((all, sink) => all + sink[name], 0);
  const waiting = sum("entries");
  if (waiting === 0) {
    return "Everything has arrived.";
  }
  const held = sum("backingOff") + sum("blocked");
  const words = `All is running; ${plural(waiting, "entry is", "entries are")} on the way`;
  return held === 0 ? `${words}.`
    : [`${words}, ${number(held)} of them after a failed attempt, or behind one that failed.`, " ", el("a", { href: "#/stuck" }, "See what is stuck")];
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
