// What is to be looked at on site, what was seen, and what of it has not reached the server. Works without a connection.

import { drafts } from "../shared/memory.js";
import { Offline, operation, Refused } from "../shared/net.js";
import { finding, sendAll } from "../shared/opinion.js";
import { Queue } from "../shared/queue.js";
import { Album } from "./album.js";

const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between attempts to send a photo
const EMPTY = { value: null, note: null, photos: [] };

const seenKey = (visit, fact) => `s:${visit.assessment}:${visit.subject}:${fact}`;
const findingKey = (visit) => `f:${visit.assessment}:${visit.subject}:${visit.indicator}`;

export class Trip extends EventTarget {
  constructor({ call, base, account }) {
    super();
    Object.assign(this, { call, base, account });
    this.album = new Album(account);
    this.drafts = drafts(`onsite:${account}`);
    this.visits = [];
    this.waiting = []; // photos
    this.known = new Map(); // photos on the server: hash -> id
    this.lastSaved = null;
    this.failures = 0;
  }

  async open() {
    await this.fetch();
    this.queue = new Queue(`onsite:${this.account}`, (...sent) => this.#send(...sent), (event) => this.#told(event));
    this.waiting = await this.album.all();
    this.queue.flush();
    this.#bring();
    this.online = () => this.#bring();
    this.leaving = () => document.visibilityState === "hidden" && this.queue.flush({ keepalive: true });
    window.addEventListener("online", this.online);
    document.addEventListener("visibilitychange", this.leaving);
  }

  /** Fetch the list anew. */
  async fetch() {
    this.visits = await this.call("GET", "/reviews/on-site");
    const editions = new Map(this.visits.map((one) => [`${one.standard}/${one.edition}`, null]));
    const cases = [...new Set(this.visits.map((one) => one.assessment))];
    const [standards, photos] = await Promise.all([
      Promise.all([...editions.keys()].map((one) => this.call("GET", `/standards/${one}`))),
      Promise.all(cases.map((one) => this.call("GET", `/assessments/${one}/photos`))),
    ]);
    this.standards = new Map(standards.map((one) => [`${one.standard}/${one.edition}`, one]));
    photos.flat().forEach((one) => one.mine && this.known.set(one.sha256, one.id));
  }

  close() {
    clearTimeout(this.timer);
    this.closed = true;
    window.removeEventListener("online", this.online);
    document.removeEventListener("visibilitychange", this.leaving);
    this.queue?.flush({ keepalive: true });
    this.queue?.close();
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  question(visit, fact) {
    return this.standards.get(`${visit.standard}/${visit.edition}`)?.questions[fact];
  }

  // What was seen ------------------------------------------------------------------------------------------------------

  entry(visit, fact) {
    return this.queue.get(seenKey(visit, fact));
  }

  /** What was seen of a fact: what waits here, else what is kept. */
  seen(visit, fact) {
    const kept = visit.facts.find((one) => one.fact === fact)?.seen;
    return this.entry(visit, fact)?.value ?? (kept ? { value: kept.value, note: kept.note, photos: kept.photos } : EMPTY);
  }

  look(visit, fact, change, now = true) {
    const value = { ...this.seen(visit, fact), ...change };
    this.queue.put(seenKey(visit, fact), value, visit.facts.find((one) => one.fact === fact)?.seen?.version ?? 0, { now });
    this.#tell("seen", { visit, fact });
  }

  // What is said of it ---------------------------------------------------------------------------------------------------

  said(visit) {
    const { verdict, points, reason } = visit.finding;
    return this.queue.get(findingKey(visit))?.value ?? finding(verdict, points, reason);
  }

  saying(visit) {
    return this.queue.get(findingKey(visit));
  }

  done(visit) {
    return ["agree", "adjust"].includes(this.said(visit).verdict);
  }

  say(visit, verdict, points = null, reason = null) {
    this.queue.put(findingKey(visit), finding(verdict, points, reason), visit.finding.version, { now: true });
    this.drafts.drop(findingKey(visit));
    this.#tell("said", { visit });
  }

  draft(visit) {
    return this.drafts.get(findingKey(visit));
  }

  setDraft(visit, value) {
    this.drafts.set(findingKey(visit), value);
  }

  /** Of two that met, keep one's own or take the other; of a fact, or of the finding where none is named. */
  settle(visit, fact, mine) {
    const key = fact ? seenKey(visit, fact) : findingKey(visit);
    const { conflict } = this.queue.get(key);
    this.#stands(visit, fact, conflict.theirs?.value, conflict.version);
    if (mine) this.queue.rebase(key, conflict.version);
    else this.queue.drop(key);
    this.#tell(fact ? "seen" : "said", { visit, fact });
  }

  giveUp(visit, fact) {
    this.queue.drop(fact ? seenKey(visit, fact) : findingKey(visit));
    this.#tell(fact ? "seen" : "said", { visit, fact });
  }

  #stands(visit, fact, value, version) {
    if (!fact) Object.assign(visit.finding, { verdict: value?.verdict ?? "none", points: value?.points ?? null, reason: value?.reason ?? null, version });
    // One fact may stand under several things to be looked at.
    for (const one of this.visits.filter((each) => fact && each.assessment === visit.assessment && each.subject === visit.subject)) {
      const known = one.facts.find((each) => each.fact === fact);
      if (known) known.seen = { ...(value ?? EMPTY), version };
    }
  }

  #where(name) {
    const [kind, assessment, subject, what] = name.split(":");
    const fact = kind === "s" ? what : null;
    const visit = this.visits.find((one) => one.assessment === assessment && one.subject === subject && (fact ? one.facts.some((each) => each.fact === fact) : one.indicator === what));
    return { visit, fact, path: `/assessments/${assessment}/subjects/${subject}/${fact ? "seen" : "findings"}/${what}` };
  }

  #send(batch, _op, keepalive) {
    return sendAll(this.call, batch, keepalive, (name) => {
      const { fact, path } = this.#where(name);
      const own = (value) => value;
      return { path, body: own, theirs: fact ? ({ value, note, photos }) => ({ value, note, photos }) : ({ verdict, points, reason }) => finding(verdict, points, reason) };
    });
  }

  #told(event) {
    if (event.type === "state") {
      this.status = event;
      return this.#tell("status");
    }
    if (event.type === "reply") return null;
    const { visit, fact } = this.#where(event.fact);
    if (!visit) return null;
    if (event.type === "saved") {
      this.lastSaved = new Date();
      this.#stands(visit, fact, event.value, event.version);
    }
    return this.#tell(fact ? "seen" : "said", { visit, fact });
  }

  // Photos ---------------------------------------------------------------------------------------------------------------

  /** Photos of a fact that have not arrived. */
  coming(visit, fact) {
    return this.waiting.filter((one) => one.assessment === visit.assessment && one.subject === visit.subject && one.fact === fact);
  }

  async take(visit, fact, file) {
    const photo = {
      id: operation(), account: this.account, assessment: visit.assessment, subject: visit.subject, fact,
      name: file.name, type: file.type, bytes: await file.arrayBuffer(), at: Date.now(), error: null,
    };
    await this.album.put(photo);
    this.waiting.push(photo);
    this.#tell("seen", { visit, fact });
    this.#tell("status");
    this.#bring();
  }

  async drop(photo) {
    await this.album.drop(photo.id);
    this.waiting = this.waiting.filter((one) => one.id !== photo.id);
    this.#tell("seen", this.#of(photo));
    this.#tell("status");
  }

  #of(photo) {
    return this.#where(`s:${photo.assessment}:${photo.subject}:${photo.fact}`);
  }

  /** Send photos one after another; what cannot be sent now is tried again. */
  async #bring() {
    if (this.bringing || this.closed) return;
    this.bringing = true;
    clearTimeout(this.timer);
    try {
      for (;;) {
        const next = this.waiting.find((one) => !one.error);
        if (!next || this.closed) break;
        await this.#bringOne(next);
        this.failures = 0;
      }
    } catch (error) {
      if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
      const wait = Math.max(WAITS[Math.min(this.failures, WAITS.length - 1)], error.wait || 0);
      this.failures += 1;
      this.timer = setTimeout(() => this.#bring(), wait * 1000);
    } finally {
      this.bringing = false;
    }
    this.#tell("status");
  }

  async #bringOne(photo) {
    const path = `/assessments/${photo.assessment}/subjects/${photo.subject}/photos/${photo.fact}?name=${encodeURIComponent(photo.name)}`;
    const { visit, fact } = this.#of(photo);
    try {
      const done = await this.call("POST", path, { op: photo.id, raw: new Blob([photo.bytes]), patience: 180000 });
      this.known.set(done.sha256, done.id);
      // First it stands in the record that waits, then it leaves the album: a cut between the two loses nothing.
      if (visit && !this.seen(visit, fact).photos.includes(done.sha256)) this.look(visit, fact, { photos: [...this.seen(visit, fact).photos, done.sha256] });
      await this.drop(photo);
    } catch (error) {
      if (!(error instanceof Refused) || error.passing || error.status === 401 || error.status === 403) throw error;
      photo.error = error.message;
      await this.album.put(photo);
      this.#tell("seen", { visit, fact });
    }
  }

  /** Try a photo again that was refused. */
  async again(photo) {
    photo.error = null;
    await this.album.put(photo);
    this.#bring();
  }
}
