// The one way to the server. Addresses are relative to the page, so that a context path or a proxy's prefix does not matter.

/** What the server, or the way to it, says against a request. */
export class Problem extends Error {
  constructor(message, hint, status, code) {
    super(message);
    this.hint = hint ?? "";
    this.status = status;
    this.code = code;
  }
}

let tokens = {};
let name = null;

/** Whatever this asks for may be done although its answer is lost. */
export const ACT = "api/act";

/** Who asks, what they may do, and the tokens that every later request must carry. */
export async function start() {
  const answer = await send("api/start", { method: "GET" });
  tokens = answer.tokens;
  name = answer.actor;
  return answer;
}

/** Under which name the audit keeps what is done here. */
export const actor = () => name ?? "unknown";

export const get = (address) => send(address, { method: "GET" });

/** With a body, also for reads that must not leave an aggregate's id in addresses and so in access logs. */
export async function post(address, body) {
  try {
    return await send(address, posted(body));
  } catch (problem) {
    if (problem.status !== 403 || problem.hint || problem.code) {
      throw problem;
    }
    // A session may have ended and begun again since the page was loaded: once more, with new tokens.
    await start();
    return send(address, posted(body));
  }
}

function posted(body) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", ...tokens },
    body: JSON.stringify(body),
  };
}

function unanswered(address) {
  return new Problem("The service does not answer.", address === ACT
    ? "Look into the audit whether it was done, then try again."
    : "It may be stopped or restarting; this page goes on asking.", 0);
}

async function send(address, options) {
  let response;
  try {
    response = await fetch(new URL(address, document.baseURI), {
      ...options,
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest", ...options.headers },
      credentials: "same-origin",
      cache: "no-store",
      // A redirect is one to a login page.
      redirect: "manual",
    });
  } catch (e) {
    throw unanswered(address);
  }
  if (response.type === "opaqueredirect" || response.status === 401) {
    throw new Problem("You are signed out.", "Reload this page to sign in again.", 401);
  }
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  let answer = null;
  try {
    answer = json ? await response.json() : null;
  } catch (e) {
    throw unanswered(address);
  }
  if (!response.ok) {
    throw new Problem(answer?.message ?? `The service answered ${response.status}.`, answer?.hint, response.status, answer?.code);
  }
  if (!json) {
    throw new Problem("You are signed out.", "Reload this page to sign in again.", 401);
  }
  return answer;
}
