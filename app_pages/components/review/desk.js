// What the page knows of one case: its items, what one said of them, what waits to be saved. Views listen; nothing is computed.

import { drafts } from "../shared/memory.js";
import { Offline, operation, Refused } from "../shared/net.js";
import { finding, MARKS, sendAll } from "../shared/opinion.js";
import { Queue } from "../shared/queue.js";

const AGAIN = 700; // milliseconds after a save until the results are fetched anew
const FINDING = "f", NOTE = "n";

export const same = (one, other) => one.subject === other.subject && one.indicator === other.indicator;
const name = (kind, item) => `${kind}:${item.subject}:${item.indicator}`;

export class Desk extends EventTarget {
  constructor({ call, base, account, assessment }) {
    super();
    Object.assign(this, { call, base, account, assessment });
    this.path = `/assessments/${assessment}`;
    this.pieces = new Map();
    this.outliers = [];
    this.requests = [];
    this.appeals = [];
    this.cases = new Map();
    this.drafts = drafts(`review:${account}:${assessment}`);
    this.lastSaved = null;
  }

  /** Fetch the case, and take up what was said before and never acknowledged. */
  async open() {
    this.head = await this.call("GET", `${this.path}/review/desk`);
    const { standard, edition } = this.head;
    this.standard = await this.call("GET", `/standards/${standard}/${edition}`);
    this.rules = new Map(this.standard.sections.flatMap((one) => one.groups.flatMap((group) => group.items.map((item) => [item.id, item]))));
    this.queue = new Queue(`review:${this.account}:${this.assessment}`, (...sent) => this.#send(...sent), (event) => this.#told(event));
    this.queue.flush();
    this.leaving = () => document.visibilityState === "hidden" && this.queue.flush({ keepalive: true });
    document.addEventListener("visibilitychange", this.leaving);
    await this.#more();
  }

  /** Fetch what is not needed to begin. */
  async #more() {
    const take = (path, keep) => this.call("GET", path).then(keep, (error) => {
      if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
    });
    await Promise.all([
      take(`${this.path}/evidence`, (found) => (this.pieces = new Map(found.map((one) => [one.id, one])))),
      take(`${this.path}/review/outliers`, (found) => (this.outliers = found)),
      take(`${this.path}/requests`, (found) => (this.requests = found)),
      this.head.task === "appeal" && take(`${this.path}/appeals`, (found) => (this.appeals = found.filter((one) => one.reviewer === this.account))),
    ]);
  }

  close() {
    clearTimeout(this.again);
    document.removeEventListener("visibilitychange", this.leaving);
    this.queue?.flush({ keepalive: true });
    this.queue?.close();
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Show a sentence to the person, perhaps with something to do about it. */
  notice(text, act = null) {
    this.#tell("notice", { text, act });
  }

  // Items --------------------------------------------------------------------------------------------------------------

  get writable() {
    return !this.head.why_not;
  }

  item(wanted) {
    return this.head.items.find((one) => same(one, wanted));
  }

  /** What the person sees as the own finding: what waits here, else what is kept. */
  said(item) {
    return this.queue.get(name(FINDING, item))?.value ?? finding(item.verdict, item.given, item.reason);
  }

  waiting(item) {
    return this.queue.get(name(FINDING, item));
  }

  mark(item) {
    return MARKS[this.said(item).verdict];
  }

  outlier(item) {
    return this.outliers.find((one) => same(one, item));
  }

  /** Everything that stands out of an item. */
  flags(item) {
    return this.outlier(item) ? [...item.flags, "outlier"] : item.flags;
  }

  say(item, verdict, points = null, reason = null) {
    this.queue.put(name(FINDING, item), finding(verdict, points, reason), item.version, { now: true });
    this.#outdated(item);
    this.drafts.drop(name(FINDING, item));
    this.#tell("item", { item });
  }

  /** The result of an item, or of the whole, is not known until it is fetched anew. */
  #outdated(item) {
    item.own = null;
    this.stale = true;
  }

  note(item) {
    return this.queue.get(name(NOTE, item))?.value ?? item.note ?? "";
  }

  setNote(item, text, now) {
    if (text === (item.note ?? "") && !this.queue.get(name(NOTE, item))) return;
    this.queue.put(name(NOTE, item), text, item.note_version, { now });
  }

  noteWaits(item) {
    return this.queue.get(name(NOTE, item));
  }

  draft(item) {
    return this.drafts.get(name(FINDING, item));
  }

  setDraft(item, value) {
    this.drafts.set(name(FINDING, item), value);
  }

  /** Of two that met, keep one's own, or take the other; `note` says whether it is about the note. */
  settle(item, mine, note = false) {
    const key = name(note ? NOTE : FINDING, item);
    const { conflict } = this.queue.get(key);
    this.#stands(item, note, conflict.theirs?.value, conflict.version);
    if (mine) this.queue.rebase(key, conflict.version);
    else this.queue.drop(key);
    this.#tell("item", { item });
  }

  /** Give up what could not be saved. */
  giveUp(item, note = false) {
    this.queue.drop(name(note ? NOTE : FINDING, item));
    this.#tell("item", { item });
  }

  #stands(item, note, value, version) {
    if (note) Object.assign(item, { note: value ?? null, note_version: version });
    else Object.assign(item, { verdict: value?.verdict ?? "none", given: value?.points ?? null, reason: value?.reason ?? null, version });
  }

  // Sending ------------------------------------------------------------------------------------------------------------

  #send(batch, _op, keepalive) {
    const routes = (fact) => {
      const [kind, subject, indicator] = fact.split(":");
      const where = `${this.path}/subjects/${subject}`;
      return kind === NOTE
        ? { path: `${where}/notes/${indicator}`, body: (text) => ({ text }), theirs: (current) => current }
        : { path: `${where}/findings/${indicator}`, body: (value) => value, theirs: ({ verdict, points, reason }) => finding(verdict, points, reason) };
    };
    return sendAll(this.call, batch, keepalive, routes);
  }

  #told(event) {
    if (event.type === "state") {
      this.status = event;
      return this.#tell("status", event);
    }
    if (event.type === "reply") return this.refreshSoon();
    const [kind, subject, indicator] = event.fact.split(":");
    const item = this.item({ subject, indicator });
    if (!item) return null;
    if (event.type === "saved") {
      this.lastSaved = new Date();
      this.#stands(item, kind === NOTE, event.value, event.version);
      this.cases.delete(`${subject}:${indicator}`);
    }
    return this.#tell("item", { item });
  }

  /** Fetch the results anew, once for many saves; until then they are not shown, because they are not true any more. */
  refreshSoon(delay = AGAIN) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.refresh().catch((error) => {
      if (error instanceof Offline || error.passing) this.refreshSoon(5 * AGAIN);
    }), delay);
  }

  async refresh() {
    const head = await this.call("GET", `${this.path}/review/desk`);
    const before = new Map(this.head.items.map((one) => [`${one.subject}:${one.indicator}`, one]));
    // The views hold on to items: they stay the same objects.
    head.items = head.items.map((one) => Object.assign(before.get(`${one.subject}:${one.indicator}`) ?? one, one));
    this.head = head;
    this.stale = this.queue.all().size > 0;
    this.#tell("results");
  }

  // One case -----------------------------------------------------------------------------------------------------------

  /** Return an indicator with all that belongs to it. */
  async case(item) {
    const key = `${item.subject}:${item.indicator}`;
    if (!this.cases.has(key)) this.cases.set(key, this.call("GET", `${this.path}/subjects/${item.subject}/indicators/${item.indicator}`));
    try {
      return await this.cases.get(key);
    } catch (error) {
      this.cases.delete(key);
      throw error;
    }
  }

  question(fact) {
    return this.standard.questions[fact];
  }

  piece(known) {
    return this.pieces.get(known.id) ?? { ...known, kind: known.type, flags: [] };
  }

  // Done at once, or not at all ----------------------------------------------------------------------------------------

  async ask(item, text) {
    const op = this.draft(item).op ?? operation();
    this.setDraft(item, { ...this.draft(item), op });
    const done = await this.call("POST", `${this.path}/subjects/${item.subject}/requests/${item.indicator}`, { op, body: { text, base: item.version } });
    this.drafts.drop(name(FINDING, item));
    this.#stands(item, false, finding("material", null, text), done.version);
    this.#outdated(item);
    this.requests = await this.call("GET", `${this.path}/requests`);
    this.#tell("item", { item });
    this.refreshSoon();
  }

  async withdraw(request) {
    await this.call("POST", `${this.path}/requests/${request.id}/withdrawal`, { op: operation(), body: {} });
    this.requests = await this.call("GET", `${this.path}/requests`);
  }

  async agreeToAll(items) {
    const body = { subjects: [...new Set(items.map((one) => one.subject))], indicators: [...new Set(items.map((one) => one.indicator))] };
    const done = await this.call("POST", `${this.path}/agreements`, { op: operation(), body });
    await this.#anew();
    return done;
  }

  /** The newest batch that can be taken back, and how many it agreed to. */
  batch() {
    const agreed = this.head.items.filter((one) => one.batch && one.verdict === "agree");
    const newest = agreed.reduce((last, one) => (!last || one.at > last.at ? one : last), null);
    return newest && { id: newest.batch, at: newest.at, count: agreed.filter((one) => one.batch === newest.batch).length };
  }

  async undo(batch) {
    const done = await this.call("DELETE", `${this.path}/agreements/${batch}`, { op: operation() });
    await this.#anew();
    return done;
  }

  async #anew() {
    this.cases.clear();
    await this.refresh();
  }

  async sign() {
    const done = await this.call("POST", `${this.path}/signature`, { op: operation(), body: {} });
    await this.#anew();
    return done;
  }

  compare() {
    return this.call("GET", `${this.path}/panel`);
  }

  async decide(appeal, outcome, points, reason) {
    const key = `a:${appeal.id}`;
    const op = this.drafts.get(key).op ?? operation();
    this.drafts.set(key, { ...this.drafts.get(key), op });
    await this.call("POST", `${this.path}/appeals/${appeal.id}/decision`, { op, body: { outcome, points, reason } });
    this.drafts.drop(key);
    this.appeals = (await this.call("GET", `${this.path}/appeals`)).filter((one) => one.reviewer === this.account);
    this.#tell("results");
  }
}
