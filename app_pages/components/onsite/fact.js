// One fact on site: what is stated, how to check it, what was seen, photos. Made for a thumb.

import { h, put } from "../shared/dom.js";
import { field, worded } from "../shared/fields.js";

const said = (question, value) => (value === null || value === undefined ? "没有填" : question ? worded(question.answer, value) : String(value));
const whole = (value) => (/^\d+$/.test(String(value ?? "").trim()) ? Number(value) : 0);

/** Show a fact of a visit. Returns {element, refresh()}. */
export function factView(trip, visit, asked, number) {
  const { fact } = asked;
  const question = trip.question(visit, fact);
  const readonly = !visit.open;
  const id = `v${number}-${fact.replaceAll(".", "-")}`;
  const change = (value, now) => trip.look(visit, fact, { value }, now);
  const counts = question?.answer.kind === "integer";
  const control = counts ? counter(id, question, () => trip.seen(visit, fact).value, change, readonly) : question ? field(id, question, change, readonly) : null;
  const state = h("div", { "aria-live": "polite" });
  const shots = h("ul.zo-shots");
  const note = noteField(trip, visit, fact, asked.title, readonly);
  const takes = pictures(trip, visit, fact, asked.title);
  const share = counts && !readonly ? sampled(trip, visit, asked, question) : null;

  const refresh = () => {
    const entry = trip.entry(visit, fact);
    const now = trip.seen(visit, fact);
    control?.show(now.value);
    note.show(now.note);
    const differs = now.value !== null && now.value !== "" && asked.value !== null && said(question, now.value) !== said(question, asked.value);
    if (entry?.conflict) put(state, conflict(entry));
    else if (entry?.error) put(state, h("p.zf-error", { role: "alert" }, `没有存上：${entry.error}`), h("button.zf-quiet", { type: "button", onclick: () => trip.giveUp(visit, fact) }, "放弃这处改动"));
    else put(state, entry && h("p.zf-hint", {}, "已记在本机，还没有传上去"), differs && h("p.zf-warn", {}, "与填报不同"));
    put(shots, now.photos.map((hash) => kept(hash, now.photos)), trip.coming(visit, fact).map(coming));
  };
  const kept = (hash, all) => h("li", {},
    trip.known.has(hash) ? h("img", { src: `${trip.base}/photos/${trip.known.get(hash)}`, alt: "现场照片", loading: "lazy" }) : h("span.zf-kind", {}, "照片"),
    h("span.zf-hint", {}, "已传"),
    !readonly && h("button.zf-quiet", { type: "button", "aria-label": "记录里不用这张照片", onclick: () => trip.look(visit, fact, { photos: all.filter((one) => one !== hash) }) }, "不用"));
  const coming = (photo) => h("li", { data: { state: photo.error ? "refused" : "waiting" } },
    h("img", { src: shown(photo), alt: "还没有传上去的照片" }),
    photo.error ? h("p.zf-error", {}, photo.error) : h("span.zf-hint", {}, "还没有传"),
    photo.error && h("button.zf-quiet", { type: "button", onclick: () => trip.again(photo) }, "再传一次"),
    photo.error && h("button.zf-quiet", { type: "button", onclick: () => trip.drop(photo) }, "删去"));
  const conflict = ({ conflict: { theirs }, value }) => {
    const words = (one) => (one ? `${said(question, one.value)}${one.note ? `（${one.note}）` : ""}${one.photos?.length ? `，照片 ${one.photos.length} 张` : ""}` : "没有记");
    return h("div.zf-conflict", { role: "alert" },
      h("p", {}, "另一台设备也记了这一处，两个内容都在，请选一个："),
      h("button.zf-button", { type: "button", onclick: () => trip.settle(visit, fact, false) }, `用那边的：${words(theirs?.value)}`),
      h("button.zf-button", { type: "button", onclick: () => trip.settle(visit, fact, true) }, `用这里的：${words(value)}`));
  };

  const element = h("article.zo-fact", { data: { fact } },
    h("h4", { id: `${id}-ask` }, asked.title),
    h("p", {}, "填报：", h("b", {}, said(question, asked.value)), asked.note && `（${asked.note}）`),
    asked.inspect && h("p.zf-hint", {}, `怎么查：${asked.inspect}`),
    asked.sample && h("p.zf-hint", {}, `抽样：${asked.sample}`),
    h("p.zo-label", {}, "现场看到"),
    control?.element,
    !readonly && asked.value !== null && question && question.answer.kind !== "table" && h("button.zf-quiet", { type: "button", onclick: () => change(asked.value, true) }, "与填报一致"),
    share, state, note.element, shots, !readonly && takes);
  refresh();
  return { element, refresh };
}

const urls = new Map();

function shown(photo) {
  if (!urls.has(photo.id)) urls.set(photo.id, URL.createObjectURL(new Blob([photo.bytes], { type: photo.type })));
  return urls.get(photo.id);
}

/** A count with one step up and one down. Nothing is preset: it begins when one counts. */
function counter(id, question, now, changed, readonly) {
  const input = h("input", { id, inputMode: "numeric", autocomplete: "off", maxLength: 12, readOnly: readonly, "aria-labelledby": `${id}-ask` });
  const step = (by) => {
    const next = Math.max(0, whole(input.value) + by);
    input.value = String(next);
    changed(next, true);
  };
  const read = () => {
    const text = input.value.trim();
    return text === "" ? null : /^\d{1,15}$/.test(text) ? Number(text) : text;
  };
  input.addEventListener("input", () => changed(read(), false));
  input.addEventListener("change", () => changed(read(), true));
  const unit = question.answer.unit ?? "";
  const element = h("div.zo-counter", {},
    h("button.zf-button", { type: "button", disabled: readonly, "aria-label": "减一", onclick: () => step(-1) }, "−1"),
    input, h("span.zf-unit", {}, unit),
    h("button.zf-button", { type: "button", disabled: readonly, "aria-label": "加一", onclick: () => step(1) }, "+1"));
  const show = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    if (input.value !== text && String(read() ?? "") !== text) input.value = text;
  };
  show(now());
  return { element, show };
}

/** Where this count is out of another one here (rooms that pass, of rooms looked at): one tap for each that is looked at. */
function sampled(trip, visit, asked, question) {
  const total = visit.facts.find((one) => one.fact === question.answer.at_most);
  const parts = total && visit.facts.filter((one) => trip.question(visit, one.fact)?.answer.at_most === total.fact);
  if (!total || parts.length !== 1) return null;
  const add = (fact) => trip.look(visit, fact, { value: whole(trip.seen(visit, fact).value) + 1 });
  const both = () => {
    add(total.fact);
    add(asked.fact);
  };
  return h("div.zo-sampled", { role: "group", "aria-label": "每查一个点一下" },
    h("p.zf-hint", {}, `每查一个点一下（同时记“${total.title}”）`),
    h("button.zf-button", { type: "button", onclick: both }, `计入“${asked.title}”`),
    h("button.zf-button", { type: "button", onclick: () => add(total.fact) }, "查了，不计入"));
}

function noteField(trip, visit, fact, title, readonly) {
  const text = h("textarea", { rows: 2, maxLength: 2000, readOnly: readonly, "aria-label": `${title}：现场说明`, placeholder: "现场说明（可以不写）" });
  let composing = false;
  const tell = (now) => !composing && (text.value.trim() || null) !== (trip.seen(visit, fact).note ?? null) && trip.look(visit, fact, { note: text.value.trim() || null }, now);
  text.addEventListener("compositionstart", () => (composing = true));
  text.addEventListener("compositionend", () => {
    composing = false;
    tell(false);
  });
  text.addEventListener("input", () => tell(false));
  text.addEventListener("change", () => tell(true));
  const show = (note) => {
    if (text.value.trim() !== (note ?? "") && text.getRootNode().activeElement !== text) text.value = note ?? "";
  };
  return { element: text, show };
}

function pictures(trip, visit, fact, title) {
  const pick = (label, more) => {
    const input = h("input", { type: "file", accept: "image/*", hidden: true, "aria-label": `${title}：${label}`, ...more });
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      for (const file of files) await trip.take(visit, fact, file);
    });
    return [h("button.zf-button", { type: "button", onclick: () => input.click() }, label), input];
  };
  return h("div.zf-row.zo-takes", {}, pick("拍照", { capture: "environment" }), pick("从相册选", { multiple: true }));
}
