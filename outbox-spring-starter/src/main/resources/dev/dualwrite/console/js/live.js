// News from the server: pushed while that works, asked for when it does not. Says how old the news is.

import { get } from "./api.js";

const POLL_MS = 5_000;
const TRY_AGAIN_MS = 30_000;

/** News come every two seconds; a proxy that gathers them up keeps the stream open, silent and without an error. */
const SILENT_MS = 10_000;

/** A stream ends now and then and is back at once: not worth a word. */
const GRACE_MS = 1_500;

/**
 * Keeps watching.
 *
 * @param told called with {history} once and {look} or {trouble} again and again
 * @param state called with {way: "live" | "asking" | "lost", problem}
 */
export function watch(told, state) {
  let source = null;
  let polling = null;
  let retry = null;
  let grace = null;
  let watchdog = null;
  let lastAt = null;

  function listen() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(new URL("events", document.baseURI));
    heard();
    for (const kind of ["history", "look", "trouble"]) {
      source.addEventListener(kind, (event) => {
        const news = { [kind]: JSON.parse(event.data) };
        if (isLate(news)) {
          return;
        }
        // That the stream began does not show that it keeps up: the asking ends with the first news that are new.
        if (kind !== "history" || polling === null) {
          stopPolling();
          heard();
          state({ way: "live" });
        }
        tell(news);
      });
    }
    source.onerror = () => {
      // The browser comes back by itself unless it was refused; asking shows whether anybody is there.
      // Each try of its own that fails comes here again, and must not put the asking off.
      grace ??= setTimeout(startPolling, GRACE_MS);
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(retry);
        retry = setTimeout(listen, TRY_AGAIN_MS);
      }
    };
  }

  /** A proxy that gathers news up lets go of old ones: those are as good as silence. */
  function isLate({ look }) {
    return Boolean(look) && lastAt !== null && new Date(look.at) < lastAt;
  }

  function tell(news) {
    if (news.look && !isLate(news)) {
      lastAt = new Date(news.look.at);
    }
    told(news);
  }

  /** Whoever says nothing for long is asked. */
  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(startPolling, SILENT_MS);
  }

  /** The next question is put after the answer to the last one: a slow server must not be asked ever more. */
  async function poll(mine) {
    let news = null;
    let problem = null;
    try {
      news = await get("api/overview");
    } catch (e) {
      problem = e;
    }
    if (polling !== mine) {
      return;
    }
    mine.timer = setTimeout(() => poll(mine), POLL_MS);
    if (problem !== null) {
      state({ way: "lost", problem });
    } else {
      state({ way: "asking" });
      tell(news);
    }
  }

  function startPolling() {
    if (polling === null) {
      polling = { timer: null };
      poll(polling);
    }
  }

  function stopPolling() {
    clearTimeout(grace);
    grace = null;
    clearTimeout(watchdog);
    clearTimeout(polling?.timer);
    polling = null;
  }

  // A page that nobody sees costs the database nothing.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      clearTimeout(retry);
      stopPolling();
    } else {
      listen();
    }
  });
  listen();
}
