// Pieces that several sections show.

import { el, svg } from "./dom.js";
import { number } from "./format.js";

const ICONS = {
  good: "M3 8.500l3.200 3.200L13 5",
  bad: "M8 3v6M8 12.500v.100",
  hold: "M5.500 3.500v9M10.500 3.500v9",
  wait: "M8 4v4l3 2",
  none: "M4 8h8",
};

const STATES = {
  running: ["good", "running"],
  paused: ["hold", "paused"],
  tripped: ["bad", "tripped"],
  uncarried: ["bad", "nobody carries it"],
  dead: ["bad", "dead"],
  blocked: ["hold", "blocked"],
  overdue: ["wait", "overdue"],
  alive: ["good", "alive"],
  gone: ["none", "gone"],
};

/** A state, by word, by sign and by colour. */
export function chip(state) {
  const [kind, word] = STATES[state] ?? ["none", state];
  const icon = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[kind] }));
  return el("span", { class: `chip ${kind}` }, icon, word);
}

/**
 * A table that becomes cards on a narrow screen; the roles say what the changed display would hide from screen readers.
 *
 * @param columns [{title, class, header: its cells name their rows, quiet: its title is for screen readers only}]
 * @param rows [{key, cells}]
 */
export function table(caption, columns, rows) {
  const head = columns.map((column) => el("th", { scope: "col", role: "columnheader", class: column.class },
    column.quiet ? el("span", { class: "hidden" }, column.title) : column.title));
  const body = rows.map((row) => el("tr", { role: "row", "data-key": row.key }, columns.map((column, i) => cell(column, row.cells[i]))));
  return el("table", { role: "table", class: "cards" },
    el("caption", { class: "hidden" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)),
    el("tbody", { role: "rowgroup" }, body));
}

function cell(column, value) {
  const attributes = {
    role: column.header ? "rowheader" : "cell",
    scope: column.header ? "row" : null,
    class: column.class,
    "data-label": column.quiet ? null : column.title,
  };
  return el(column.header ? "th" : "td", attributes, el("div", { class: "value" }, value));
}

/** Names and what they are. */
export function facts(...pairs) {
  return el("dl", { class: "facts" }, pairs.filter((pair) => pair !== null)
    .map(([name, ...value]) => el("div", null, el("dt", null, name), el("dd", null, ...value))));
}

/** What there is to see when there is nothing. */
export function empty(title, ...text) {
  return el("div", { class: "empty" }, el("p", { class: "empty-title" }, title), el("p", null, ...text));
}

/** What the server says against something, as it says it. */
export function problem(e) {
  return el("div", { class: "notice bad", role: "alert" }, el("p", null, el("strong", null, e.message)),
    e.hint ? el("p", null, e.hint) : null);
}

export function entriesOf(sink) {
  return (sink.estimated ? "about " : "") + number(sink.entries);
}

/** A sink that no living relay carries is at rest, whatever else its state says. */
export function stateOf(sink) {
  return sink.state === "running" && sink.relays === 0 ? "uncarried" : sink.state;
}
