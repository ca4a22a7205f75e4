// What the page knows: the questions, what stands, what waits, where the points are. Views listen; nothing is computed.

import { Line } from "../shared/line.js";
import { Offline, operation, Refused } from "../shared/net.js";
import { Queue } from "../shared/queue.js";

const PULSE = 6000; // milliseconds between looks at what others do
const CLAIM = "claim:";

/** What is asked for without anybody waiting may fail to come; it is asked for again. */
const later = (error) => {
  if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
};

export class Sheet extends EventTarget {
  constructor({ call, base, account, assessment, subject }) {
    super();
    Object.assign(this, { call, base, account, assessment, subject });
    this.path = `/assessments/${assessment}/subjects/${subject}`;
    this.files = [];
    this.offers = {};
    this.people = [];
    this.marks = new Map();
    this.brief = null;
    this.total = null;
    this.mark = "";
    this.running = 0;
    this.seen = ""; // the moment of the news heard last, by the server's clock
    this.heard = 0; // when that was, by ours
    this.lastSaved = null;
    this.warnings = new Map();
  }

  /** Fetch everything the page needs, and take up what was typed before and never acknowledged. */
  async open() {
    const form = await this.call("GET", `${this.path}/answers`);
    this.form = form;
    const [standard, score] = await Promise.all([
      this.call("GET", `/standards/${form.standard}/${form.edition}`),
      this.call("GET", `${this.path}/score`),
      this.#files(),
    ]);
    if (this.closed) return;
    this.standard = standard;
    this.asked = new Set(form.facts);
    this.#scored(score);
    const name = `${this.account}:${this.assessment}:${this.subject}`;
    this.queue = new Queue(name, (...sent) => this.#send(...sent), (event) => this.#told(event));
    this.line = new Line(`${this.base}${this.path}/typing`);
    this.queue.flush();
    this.#offers();
    this.pulse = setInterval(() => this.#beat(), PULSE);
    this.leaving = () => document.visibilityState === "hidden" && this.queue.flush({ keepalive: true });
    document.addEventListener("visibilitychange", this.leaving);
  }

  close() {
    this.closed = true;
    clearInterval(this.pulse);
    document.removeEventListener("visibilitychange", this.leaving);
    this.queue?.flush({ keepalive: true });
    this.queue?.close();
    this.line?.close();
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Show a sentence to the person. */
  notice(text) {
    this.#tell("notice", { text });
  }

  // Answers ------------------------------------------------------------------------------------------------------

  question(fact) {
    return this.standard.questions[fact];
  }

  /** What the person sees as the answer now: what waits here, else what stands on the server. */
  value(fact) {
    const waiting = this.queue.get(fact);
    return waiting ? waiting.value : (this.form.answers[fact]?.value ?? null);
  }

  /** How many answers are still waited for in a place: in this one as it stands here, in others as last heard. */
  missingIn(place) {
    return place.id === this.subject ? this.lackingOf(this.asked) : (this.lacking[place.id] ?? 0);
  }

  lackingOf(facts) {
    return [...facts].filter((fact) => this.lacks(fact)).length;
  }

  answered(fact) {
    const value = this.value(fact);
    return value !== null && value !== undefined && value !== "";
  }

  /** Whether an answer is still waited for. What follows from other answers, or no longer counts, need not be given. */
  lacks(fact) {
    return !this.answered(fact) && this.missing.has(fact);
  }

  change(fact, value, now) {
    if (JSON.stringify(this.value(fact)) === JSON.stringify(value)) {
      if (now) this.queue.flush(); // leaving a field changes nothing; it only ends the wait
      return;
    }
    this.queue.put(fact, value, this.form.answers[fact]?.version ?? 0, { now });
    this.#tell("answer", { fact });
  }

  /** Of two values that met, keep one's own. */
  keepMine(fact) {
    const { conflict } = this.queue.get(fact);
    this.#stands(fact, conflict);
    this.queue.rebase(fact, conflict.version);
    this.#tell("answer", { fact });
  }

  /** Of two values that met, take the other one. */
  takeTheirs(fact) {
    this.#stands(fact, this.queue.get(fact).conflict);
    this.queue.drop(fact);
    this.#tell("answer", { fact });
  }

  #stands(fact, { theirs, version }) {
    if (theirs) this.form.answers[fact] = { ...this.form.answers[fact], ...theirs, version };
  }

  // Claims: that an indicator does not apply ------------------------------------------------------------------------

  claim(indicator) {
    const waiting = this.queue.get(CLAIM + indicator);
    return waiting ? waiting.value : (this.form.claims[indicator]?.reason ?? null);
  }

  setClaim(indicator, reason, now) {
    this.queue.put(CLAIM + indicator, reason, this.form.claims[indicator]?.version ?? 0, { now });
    this.#tell("claim", { indicator });
  }

  // Sending ----------------------------------------------------------------------------------------------------------

  async #send(batch, op, keepalive) {
    const claims = batch.filter((one) => one.fact.startsWith(CLAIM));
    const answers = batch.filter((one) => !one.fact.startsWith(CLAIM));
    const kept = { saved: [], refused: [] };
    for (const one of claims) await this.#sendClaim(one, kept, keepalive);
    const entries = answers.map((one) => ({ subject: this.subject, fact: one.fact, value: one.value, base: one.base, note: this.form.answers[one.fact]?.note ?? null }));
    if (!entries.length) return { ...kept, score: await this.#newScore() };
    const body = { entries, since: this.mark, seen: this.seen };
    const reply = await this.call("PATCH", `${this.path}/answers`, { op, body, keepalive, ...this.#by("fill.save", { op, body }) });
    return { ...reply, saved: [...kept.saved, ...reply.saved], refused: [...kept.refused, ...reply.refused] };
  }

  async #sendClaim({ fact, value, base }, kept, keepalive) {
    const indicator = fact.slice(CLAIM.length);
    try {
      const body = { reason: value ?? "", base };
      const done = await this.call("PUT", `${this.path}/claims/${indicator}`, { op: operation(), body, keepalive });
      kept.saved.push({ ...done, name: fact });
    } catch (error) {
      if (!(error instanceof Refused) || error.passing || error.status === 401) throw error;
      const { details } = error;
      const theirs = details.theirs ? { ...details.theirs, value: details.theirs.reason ?? null } : null;
      const kind = error.code === "stale" ? "conflict" : "invalid";
      kept.refused.push({ kind, what: error.message.replace(/。$/, ""), next: "", details: { ...details, fact, theirs } });
    }
  }

  #told(event) {
    if (event.type === "saved") {
      this.lastSaved = new Date();
      this.#kept(event);
    } else if (event.type === "reply") {
      this.#scored(event.reply.score);
      if (event.reply.news) this.#news(event.reply.news);
    } else if (event.type === "state") {
      this.status = event;
      this.#tell("status", event);
    } else {
      this.#tell("answer", { fact: event.fact });
    }
  }

  #kept({ fact, value, version, at, warnings }) {
    if (fact.startsWith(CLAIM)) {
      const indicator = fact.slice(CLAIM.length);
      this.form.claims[indicator] = { indicator, reason: value, version, at };
      return this.#tell("claim", { indicator });
    }
    this.form.answers[fact] = { ...this.form.answers[fact], fact, value, version, at, by: this.account, origin: "typed" };
    if (warnings?.length) this.warnings.set(fact, warnings);
    else this.warnings.delete(fact);
    delete this.offers[fact];
    return this.#tell("answer", { fact });
  }

  /** How the connection that stays open is told what a request asks for. */
  #by(use, said) {
    return { line: this.line, message: { do: use, ...said } };
  }

  #newScore() {
    const body = { since: this.mark };
    return this.call("GET", `${this.path}/score?${new URLSearchParams(body)}`, this.#by("fill.score", { body }));
  }

  async #score() {
    this.#scored(await this.#newScore());
  }

  #scored(score) {
    if (!score) return;
    if (score.whole) this.marks.clear();
    for (const one of score.indicators) this.marks.set(one.id, one);
    this.brief = score.brief;
    this.missing = new Set(score.brief ? score.brief.missing : score.missing);
    this.lacking = score.lacking;
    this.total = score.total;
    this.mark = score.mark;
    this.#tell("score", { changed: score.indicators.map((one) => one.id) });
  }

  // What others do, and what was answered elsewhere ---------------------------------------------------------------------

  /** Ask for news, unless saving has just brought some. */
  async #beat() {
    if (document.visibilityState === "hidden" || this.queue.blocked || Date.now() - this.heard < PULSE / 2) return;
    const body = { since: this.seen };
    try {
      const news = await this.call("GET", `${this.path}/pulse?${new URLSearchParams(body)}`, this.#by("fill.pulse", { body }));
      if (this.#news(news)) await this.#score();
    } catch (error) {
      later(error);
    }
  }

  /** Take over what others did; return whether the score may follow. */
  #news(news) {
    this.seen = news.at;
    this.heard = Date.now();
    this.people = news.people.filter((one) => one.id !== this.account);
    const unseen = news.answers.filter((one) => (this.form.answers[one.fact]?.version ?? 0) < one.version);
    for (const one of unseen.filter(({ fact }) => !this.queue.get(fact))) {
      this.form.answers[one.fact] = one;
      this.#tell("answer", { fact: one.fact });
    }
    if (news.files) this.#files().catch(later);
    this.#tell("people");
    if (news.state !== this.form.state || news.may_save !== this.form.may_save) this.#tell("moved", news);
    return unseen.length > 0 || news.files;
  }

  async #offers() {
    try {
      this.offers = await this.call("GET", `${this.path}/offers`);
      this.#tell("offers");
    } catch (error) {
      later(error);
    }
  }

  async accept(fact, offer) {
    const base = this.form.answers[fact]?.version ?? 0;
    const done = await this.call("POST", `${this.path}/offers/${fact}`, { op: operation(), body: { source: offer.assessment, base } });
    this.#kept({ fact, value: offer.value, version: done.version, at: done.at, warnings: done.warnings });
    this.form.answers[fact].origin = "offered";
    this.lastSaved = new Date();
    await this.#score();
  }

  /** Take over the answers of the last round where there is none yet. */
  async carryOver() {
    const done = await this.call("POST", `/assessments/${this.assessment}/carry-over`, { op: operation(), body: {} });
    await this.reload();
    return done;
  }

  /** Copy another unit's answers to what is empty here; they are saved like typed ones. */
  async copyFrom(subject) {
    const other = await this.call("GET", `/assessments/${this.assessment}/subjects/${subject}/answers`);
    let count = 0;
    for (const [fact, one] of Object.entries(other.answers)) {
      if (!this.asked.has(fact) || this.answered(fact) || one.value === null) continue;
      this.change(fact, one.value, false);
      count += 1;
    }
    return count;
  }

  async reload() {
    this.form = await this.call("GET", `${this.path}/answers`);
    this.#scored(await this.call("GET", `${this.path}/score`));
    this.#offers();
    this.#tell("reload");
  }

  /** What is behind the numbers, in the engine's words. */
  explain() {
    return this.call("GET", `/assessments/${this.assessment}/score?subject=${this.subject}`);
  }

  history(fact) {
    return this.call("GET", `${this.path}/answers/${fact}/history`);
  }

  // Evidence -------------------------------------------------------------------------------------------------------------

  async #files() {
    this.files = await this.call("GET", `/assessments/${this.assessment}/evidence`);
    this.#tell("files", {});
  }

  pieces(fact) {
    return this.files.filter((one) => one.subject === this.subject && one.fact === fact);
  }

  everyPiece() {
    return this.files;
  }

  added(piece) {
    this.files = [...this.files.filter((one) => one.id !== piece.id), piece];
    this.#tell("files", { fact: piece.fact });
  }

  removed(piece) {
    this.files = this.files.filter((one) => one.id !== piece.id);
    this.#tell("files", { fact: piece.fact });
  }

  uploading(by) {
    this.running += by;
    this.#tell("status", this.status ?? {});
  }
}
