// What was typed and is not yet acknowledged, kept in this browser until it is. Nothing is dropped in silence.
//
// One key per answer, so that two tabs never overwrite each other's. An entry is {value, base, op, sent, at, error}:
// `base` is the version it changes, `op` names the operation until the value changes again, `sent` are the values that
// may have arrived although no answer came back.

import { Offline, operation, Refused } from "./net.js";

const PAUSE = 350; // milliseconds without typing before an answer is sent
const MOST = 100; // answers in one request
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between attempts while there is no connection

const said = (refusal) => [refusal.what, refusal.next].filter(Boolean).map((one) => `${one}。`).join("");
const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

export class Queue {
  /**
   * `send(entries, op, keepalive)` brings a batch to the server and returns its reply; `told(event)` hears what became
   * of each entry: saved, conflict, error, state.
   */
  constructor(name, send, told) {
    this.prefix = `zhunsheng:${name}:`;
    this.send = send;
    this.told = told;
    this.durable = true;
    this.busy = false;
    this.failures = 0;
    this.timer = 0;
    this.blocked = null; // why nothing can be sent for now: signed out, closed
    this.entries = new Map(); // what lies in the browser's storage, and what could not be put there
    this.#load();
    this.online = () => this.flush();
    this.elsewhere = ({ key, newValue }) => key?.startsWith(this.prefix) && this.#heard(key, newValue);
    window.addEventListener("online", this.online);
    window.addEventListener("storage", this.elsewhere); // another tab wrote
  }

  close() {
    window.removeEventListener("online", this.online);
    window.removeEventListener("storage", this.elsewhere);
    clearTimeout(this.timer);
    this.closed = true;
  }

  get(fact) {
    return this.entries.get(fact) ?? null;
  }

  /** Every waiting entry by fact. */
  all() {
    return new Map(this.entries);
  }

  #load() {
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        if (key.startsWith(this.prefix)) this.#heard(key, localStorage.getItem(key));
      }
    } catch {
      this.durable = false;
    }
  }

  #heard(key, text) {
    const fact = key.slice(this.prefix.length);
    if (text) this.entries.set(fact, JSON.parse(text));
    else this.entries.delete(fact);
  }

  #write(fact, entry) {
    if (entry) this.entries.set(fact, entry);
    else this.entries.delete(fact);
    try {
      if (entry) localStorage.setItem(this.prefix + fact, JSON.stringify(entry));
      else localStorage.removeItem(this.prefix + fact);
    } catch {
      this.durable = false;
    }
  }

  /** Keep what was typed now; it is sent after a pause, or at once. */
  put(fact, value, base, { now = false } = {}) {
    const before = this.get(fact);
    const entry = { value, base: before ? before.base : base, op: operation(), sent: before ? before.sent : [], at: Date.now() };
    this.#write(fact, entry);
    this.#state();
    this.#later(now ? 0 : PAUSE);
  }

  /** Forget an entry: the person chose what stands on the server. */
  drop(fact) {
    this.#write(fact, null);
    this.#state();
  }

  /** Base an entry on a newer version: the person has seen both values and keeps the own one. */
  rebase(fact, base) {
    const entry = this.get(fact);
    if (!entry) return;
    this.#write(fact, { ...entry, base, op: operation(), sent: [], conflict: null });
    this.#later(0);
  }

  unblock() {
    this.blocked = null;
    this.#later(0);
  }

  #later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  /** Send what waits. One request at a time; what is typed meanwhile goes with the next one. */
  async flush({ keepalive = false } = {}) {
    if (this.busy || this.closed || this.blocked) return;
    const ready = [...this.all()].filter(([, one]) => !one.error && !one.conflict).slice(0, MOST);
    if (!ready.length) return this.#state();
    this.busy = true;
    this.#state();
    for (const [fact, one] of ready) this.#write(fact, { ...one, sent: [...one.sent.slice(-5), one.value] });
    let again = 0;
    try {
      const batch = ready.map(([fact, one]) => ({ fact, value: one.value, base: one.base, op: one.op }));
      const reply = await this.send(batch, operation(), keepalive);
      this.failures = 0;
      this.#taken(new Map(ready), reply);
    } catch (error) {
      again = this.#failed(error);
    } finally {
      this.busy = false;
    }
    this.#state();
    const waiting = [...this.all().values()].some((one) => !one.error && !one.conflict);
    if (waiting && !this.blocked && !this.closed) this.#later(again);
  }

  #failed(error) {
    if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
    if (error instanceof Refused && !error.passing) {
      this.blocked = error;
      return 0;
    }
    const wait = Math.max(WAITS[Math.min(this.failures, WAITS.length - 1)], error.wait || 0);
    this.failures += 1;
    return wait * 1000;
  }

  #taken(batch, reply) {
    this.told({ type: "reply", reply });
    for (const one of reply.saved) {
      const entry = this.get(one.name);
      const was = batch.get(one.name);
      if (!was) continue;
      if (!entry || same(entry.value, was.value)) this.#write(one.name, null);
      else this.#write(one.name, { ...entry, base: one.version, sent: [] });
      this.told({ type: "saved", fact: one.name, value: was.value, version: one.version, at: one.at, warnings: one.warnings });
    }
    for (const one of reply.refused) this.#refused(batch, one);
  }

  #refused(batch, refusal) {
    const { fact, theirs, version } = refusal.details;
    const entry = this.get(fact);
    if (!batch.has(fact) || !entry) return;
    if (refusal.kind !== "conflict") {
      if (same(entry.value, batch.get(fact).value)) this.#write(fact, { ...entry, error: said(refusal) });
      return this.told({ type: "error", fact, message: said(refusal) });
    }
    const known = theirs ? theirs.value : null;
    if (same(known, entry.value)) {
      this.#write(fact, null);
      return this.told({ type: "saved", fact, value: known, version, at: theirs?.at, warnings: [] });
    }
    if (entry.sent.some((value) => same(value, known))) {
      // It was ours: it arrived, and only its acknowledgement did not.
      return this.#write(fact, { ...entry, base: version, sent: [] });
    }
    this.#write(fact, { ...entry, conflict: { theirs, version, message: said(refusal) } });
    return this.told({ type: "conflict", fact, theirs, version, message: said(refusal) });
  }

  #state() {
    const all = [...this.all().values()];
    const stuck = all.filter((one) => one.error || one.conflict).length;
    this.told({
      type: "state",
      waiting: all.length - stuck,
      stuck,
      busy: this.busy,
      offline: this.failures > 0,
      durable: this.durable,
      blocked: this.blocked,
    });
  }
}
