// News from the server: pushed while that works, asked for when it does not. Says how old the news is.

import { get } from "./api.js";

const POLL_MS = 5_000;
const TRY_AGAIN_MS = 30_000;

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

  function listen() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(new URL("events", document.baseURI));
    for (const kind of ["history", "look", "trouble"]) {
      source.addEventListener(kind, (event) => {
        stopPolling();
        state({ way: "live" });
        told({ [kind]: JSON.parse(event.data) });
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

  async function poll() {
    try {
      const answer = await get("api/overview");
      if (polling !== null) {
        state({ way: "asking" });
        told(answer);
      }
    } catch (problem) {
      state({ way: "lost", problem });
    }
  }

  function startPolling() {
    if (polling === null) {
      polling = setInterval(poll, POLL_MS);
      poll();
    }
  }

  function stopPolling() {
    clearTimeout(grace);
    grace = null;
    clearInterval(polling);
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
