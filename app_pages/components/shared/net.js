// Talking to the server: one reply, one refusal in its own words, or no connection. Nothing else can happen.

/** The server said no, and says why and what to do next. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || "没有照办，请稍后再试。");
    this.status = status;
    this.code = problem.code || "";
    this.details = problem.details || {};
    this.wait = 0;
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

/** There was no answer: no network, or nobody at the other end. */
export class Offline extends Error {}

const PATIENCE = 20000; // milliseconds without an answer

/** What proves that it is a page of ours that asks; another one after signing in again. */
function proof() {
  const found = document.cookie.split("; ").find((one) => /^(__Host-)?zs_proof=/.test(one));
  return found ? found.slice(found.indexOf("=") + 1) : "";
}

const SOMEBODY_ELSE = { code: "other_account", detail: "这个浏览器里换了别的账号登录，这里的内容没有用那个账号保存。请换回原来的账号再保存。" };

/** Return a caller for the API below `base` on behalf of `account`, and of nobody who signs in here later. */
export function caller(base, account) {
  let known = proof();
  const check = async (signal, line) => {
    const now = proof();
    if (now === known) return;
    line?.drop(); // it belongs to the session before
    const reply = await fetch("/session", { headers: { Accept: "application/json" }, signal, credentials: "same-origin" });
    if (!reply.ok) throw new Refused(reply.status, parsed(await reply.text()));
    if ((await reply.json()).account !== account) throw new Refused(401, SOMEBODY_ELSE);
    known = now;
  };
  /** `line` is a connection that stays open and answers `message` as it would this request; it is tried first. */
  return async function call(method, path, { body, raw, op, patience = PATIENCE, keepalive = false, line, message } = {}) {
    const headers = { Accept: "application/json" };
    if (op) headers["Idempotency-Key"] = op;
    if (raw) headers["Content-Type"] = "application/octet-stream";
    else if (body !== undefined) headers["Content-Type"] = "application/json";
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      if (method !== "GET") {
        await check(stop.signal, line);
        headers["X-CSRF-Token"] = proof();
      }
      if (line?.ready && !keepalive) {
        const told = await line.ask(message);
        if (told?.status === 200) return told.body;
        if (told) throw new Refused(told.status, told.body);
      }
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const options = { method, headers, body: sent, keepalive, signal: stop.signal, credentials: "same-origin", redirect: "error" };
      const reply = await fetch(base + path, options);
      const text = await reply.text();
      if (reply.ok) return text ? JSON.parse(text) : null;
      const refused = new Refused(reply.status, parsed(text));
      refused.wait = Number(reply.headers.get("Retry-After") || 0);
      throw refused;
    } catch (error) {
      throw error instanceof Refused ? error : new Offline("现在连不上服务器");
    } finally {
      clearTimeout(timer);
    }
  };
}

function parsed(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

/** A name for an operation: the same one may be asked for twice and is done once. */
export function operation() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (one) => one.toString(16).padStart(2, "0")).join("");
}
