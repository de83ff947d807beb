// Puts the page together: sections, news, theme, and who is here.

import * as api from "./api.js";
import { el, show } from "./dom.js";
import { clock } from "./format.js";
import { watch } from "./live.js";
import { problem } from "./parts.js";
import { audit } from "./audit.js";
import { overview } from "./overview.js";
import { relays } from "./relays.js";
import { sinks } from "./sinks.js";
import { stuck } from "./stuck.js";

// A further section is one more line here: {id, title, open(page), told(page), closed()?, badge(page)?}.
const SECTIONS = [overview, sinks, stuck, relays, audit];

// Guessed: looks come every two seconds, so that four are missing.
const OLD_MS = 9_000;
const KEPT_POINTS = 900;

const at = (id) => document.getElementById(id);

/** What the sections see: the last news, who is here, and where to show things. */
const page = {
  me: null,
  look: null,
  history: [],
  view: at("view"),
  say(text) {
    at("said").textContent = text;
    clearTimeout(page.saying);
    page.saying = setTimeout(() => at("said").replaceChildren(), 8_000);
  },
  /** The server's clock, as far as it is known: ages must not depend on that of this machine. */
  now: () => Date.now() + (page.clockOffset ?? 0),
};

let current = null;
let state = { way: "connecting" };
let lastNews = null;
let trouble = null;

function route() {
  const wanted = SECTIONS.find((section) => location.hash === `#/${section.id}`) ?? SECTIONS[0];
  const moved = current !== null && current !== wanted;
  if (current !== wanted) {
    current?.closed?.();
    current = wanted;
    page.view.replaceChildren();
    document.title = `${wanted.title} – Dualwrite console`;
    wanted.open(page);
  }
  sections();
  if (moved) {
    // As a new page would: the reader starts at its heading.
    at("main").focus();
    window.scrollTo(0, 0);
  }
}

function sections() {
  show(at("sections"), SECTIONS.map((section) => {
    const badge = page.look ? section.badge?.(page) : null;
    return el("li", { "data-key": section.id }, el("a", {
      href: `#/${section.id}`, "aria-current": section === current ? "page" : null,
    }, section.title, badge ? el("span", { class: "badge" }, badge) : null));
  }));
}

function told(news) {
  // A proxy may have kept it back: what was is not how things stand. As times: the text may lack the fraction.
  if (page.look && news.look && new Date(news.look.at) < new Date(page.look.at)) {
    return;
  }
  if (news.history) {
    page.history = news.history;
  }
  trouble = news.trouble ?? null;
  if (news.look) {
    page.look = news.look;
    page.clockOffset = new Date(news.look.at) - Date.now();
    lastNews = new Date();
    const last = page.history[page.history.length - 1];
    if (news.look.point && last?.at !== news.look.point.at) {
      page.history = [...page.history, news.look.point].slice(-KEPT_POINTS);
    }
    current.told(page);
  }
  sections();
  freshness();
}

function freshness() {
  const age = lastNews === null ? null : Date.now() - lastNews;
  const old = age === null || age > OLD_MS;
  const ways = { live: "Live", asking: "Asking every 5 seconds", connecting: "Connecting …", lost: "No connection" };
  const refused = state.way === "lost" && state.problem.status === 403;
  const text = refused ? "No access" : old && lastNews !== null ? `No news since ${clock(lastNews)}` : ways[state.way];
  const kind = state.way === "lost" || trouble || (old && lastNews !== null) ? "bad" : "good";
  const live = at("live");
  if (live.textContent !== text) {
    live.textContent = text;
  }
  live.className = `live ${kind}`;
  const notices = [];
  if (state.way === "lost") {
    notices.push(el("div", { "data-key": "lost" }, problem(state.problem)));
  }
  if (trouble) {
    notices.push(el("div", { "data-key": "trouble" }, problem(trouble)));
  }
  show(at("notices"), notices);
  document.body.classList.toggle("old", old && lastNews !== null);
}

function theme() {
  const button = at("theme");
  const dark = () => (document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = dark() ? "Light theme" : "Dark theme";
  };
  button.addEventListener("click", () => {
    const chosen = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("dualwrite-theme", chosen);
    } catch (e) {
      // Kept for this page only, then.
    }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
}

function who() {
  const { actor, mayAct, whyNot } = page.me;
  at("who").textContent = mayAct ? `As ${actor}` : `As ${actor}, looking only`;
  at("who").title = mayAct ? "What you do is recorded under this name." : whyNot;
  document.body.classList.toggle("looking", !mayAct);
}

/** Until the server says who is here. */
async function enter() {
  for (;;) {
    try {
      page.me = await api.start();
      state = { way: "connecting" };
      return;
    } catch (e) {
      state = { way: "lost", problem: e };
      freshness();
    }
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}

async function begin() {
  theme();
  // A link within the page that is no section would be taken for one.
  at("skip").addEventListener("click", (event) => {
    event.preventDefault();
    at("main").focus();
  });
  await enter();
  who();
  window.addEventListener("hashchange", route);
  route();
  setInterval(freshness, 1_000);
  watch(told, (next) => {
    state = next;
    freshness();
  });
}

begin();
