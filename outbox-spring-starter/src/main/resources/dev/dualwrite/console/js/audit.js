// Audit: who did what, when and why.

import { get } from "./api.js";
import { el, show } from "./dom.js";
import { time } from "./format.js";
import { empty, problem, table } from "./parts.js";

let rows = null;
let before = null;
let failed = null;

/** Raised whenever what was asked for is not wanted any more: a late answer must not draw over what is open now. */
let turn = 0;

export const audit = {
  id: "audit",
  title: "Audit",
  open(page) {
    rows = null;
    before = null;
    failed = null;
    audit.listener = (event) => {
      const button = event.target.closest("button[data-more], button[data-again]");
      if (button) {
        load(page, button.hasAttribute("data-more"));
      }
    };
    page.view.addEventListener("click", audit.listener);
    draw(page);
    load(page, false);
  },
  closed() {
    turn += 1;
    document.getElementById("view").removeEventListener("click", audit.listener);
  },
  told() {
    // The record grows by persons' acts alone: a page of it that moved away under the reader would be of no use.
  },
};

async function load(page, more) {
  const mine = ++turn;
  try {
    const answer = await get(`api/audit${more && before !== null ? `?before=${before}` : ""}`);
    if (mine !== turn) {
      return;
    }
    rows = more && rows ? [...rows, ...answer.records] : answer.records;
    before = answer.next;
    failed = null;
  } catch (e) {
    if (mine !== turn) {
      return;
    }
    failed = e;
  }
  draw(page);
}

const COLUMNS = [
  { title: "When", header: true }, { title: "Who" }, { title: "Did" }, { title: "To" }, { title: "Why" }, { title: "Details" },
];

function draw(page) {
  show(page.view,
    el("div", { class: "head" }, el("h1", null, "Audit"), el("button", { type: "button", "data-again": true }, "Refresh")),
    failed ? problem(failed) : null,
    rows === null ? el("p", { class: "muted" }, "Looking …")
      : rows.length === 0 ? empty("Nobody has done anything yet.", "Each requeue, discard, pause and resume leaves a line here.")
        : table("What people did, the latest first", COLUMNS, rows.map((row) => ({
          key: String(row.id),
          cells: [time(row.at), row.actor, row.action, row.subject, row.reason, details(row.detail)],
        }))),
    before === null ? null : el("p", { class: "more" }, el("button", { type: "button", "data-more": true }, "Show older")));
}

function details(detail) {
  const pairs = Object.entries(detail ?? {}).filter(([, value]) => value !== null);
  return pairs.length === 0 ? "–" : el("details", null, el("summary", null, `${pairs.length} more`),
    el("ul", null, pairs.map(([name, value]) => el("li", null, `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`))));
}
