// One question: how it is asked, its control, what became of the answer, what was answered elsewhere, its evidence.

import { clock, h, moment, put, say } from "../shared/dom.js";
import { field, worded } from "../shared/fields.js";
import { shelf } from "./files.js";

const ORIGINS = { carried: "沿用上一批次", offered: "采用已填内容", api: "由接口送入", imported: "由文件导入" };

/** Show a question of a sheet. Returns {element, refresh(), files(), offers()}. */
export function questionView(sheet, fact) {
  const question = sheet.question(fact);
  const id = `q-${fact.replaceAll(".", "-")}`;
  const readonly = !sheet.form.may_save;
  const control = field(id, question, (value, now) => sheet.change(fact, value, now), readonly);
  const note = h("div.zf-note", { id: `${id}-note`, "aria-live": "polite" });
  const offered = h("div.zf-offers");
  const past = h("div.zf-past", { hidden: true });
  const evidence = shelf({ sheet, fact, question, readonly });
  const single = ["integer", "number", "percent", "money", "text", "date", "datetime"].includes(question.answer.kind);
  const label = h(single ? "label" : "p", { id: `${id}-ask`, className: "zf-ask", htmlFor: single ? id : undefined }, question.ask);
  const about = [question.period && `统计期：${question.period}`, bounds(question.answer, sheet), question.help].filter(Boolean);
  const element = h("div.zf-q", { data: { fact } },
    label,
    h("p.zf-help", { id: `${id}-help` }, about.join("　")),
    control.element, note, offered, past,
    h("div.zf-proof", {},
      h("p.zf-help", {}, question.proof ? `证据：${question.proof}` : "证据：没有指定，可以附上说明材料",
        question.inspect && `　现场怎么查：${question.inspect}`),
      evidence.element));

  const refresh = () => {
    const waiting = sheet.queue.get(fact);
    control.show(sheet.value(fact));
    element.classList.toggle("zf-bad", Boolean(waiting?.error));
    element.classList.toggle("zf-met", Boolean(waiting?.conflict));
    element.classList.toggle("zf-done", sheet.answered(fact) && !waiting);
    control.element.querySelector("input, textarea, select")?.setAttribute("aria-invalid", String(Boolean(waiting?.error)));
    put(note, state(waiting), (sheet.warnings.get(fact) ?? []).map((one) => h("p.zf-warn", {}, one)));
    offers();
  };
  const state = (waiting) => {
    if (waiting?.conflict) return conflict(waiting);
    if (waiting?.error) return h("p.zf-error", {}, `没有存上：${waiting.error}您写的内容还留在这里。`);
    if (waiting) return h("p.zf-hint", {}, "已记在本机，正在保存");
    const stands = sheet.form.answers[fact];
    if (!stands) return h("p.zf-hint", {}, "还没有填");
    const who = stands.by === sheet.account ? "" : `${stands.by_name ?? ""} `;
    const origin = ORIGINS[stands.origin] ? `，${ORIGINS[stands.origin]}` : "";
    return h("p.zf-hint", {}, `${stands.value === null ? "已清空" : "已保存"} ${who}${moment(stands.at)}${origin}　`,
      h("button.zf-link", { type: "button", onclick: history }, "改动记录"));
  };
  const conflict = (waiting) => {
    const { theirs } = waiting.conflict;
    const said = theirs ? worded(question.answer, theirs.value) : "（已不在）";
    return h("div.zf-conflict", { role: "alert" },
      h("p", {}, `${theirs?.by_name || "别人"}${theirs?.at ? ` ${clock(theirs.at)}` : ""} 也改了这一处，两个内容都在，请选一个：`),
      h("div.zf-row", {},
        h("button.zf-button", { type: "button", onclick: () => sheet.takeTheirs(fact) }, `用对方的：${said}`),
        h("button.zf-button", { type: "button", onclick: () => sheet.keepMine(fact) }, `用我的：${worded(question.answer, waiting.value)}`)));
  };
  const offers = () => {
    const found = readonly ? [] : (sheet.offers[fact] ?? []);
    put(offered, sheet.queue.get(fact) ? [] : found.slice(0, 3).map((one) => h("p.zf-offer", {},
      `“${one.round_title}”里填的是 ${worded(question.answer, one.value)}（${moment(one.at)}，${one.by_name}）　`,
      h("button.zf-link", { type: "button", onclick: (event) => accept(event.target, one) }, "采用"))));
  };
  const accept = async (button, one) => {
    button.disabled = true;
    try {
      await sheet.accept(fact, one);
    } catch (error) {
      sheet.notice(error.message);
      button.disabled = false;
    }
  };
  const history = async () => {
    past.hidden = !past.hidden;
    if (past.hidden) return;
    say(past, "正在取……");
    try {
      const found = await sheet.history(fact);
      put(past, h("ul", {}, found.toReversed().map((one) => h("li", {}, `${moment(one.at)}　${one.by_name}：${worded(question.answer, one.value)}`))));
    } catch (error) {
      say(past, error.message);
    }
  };
  refresh();
  return { element, refresh, offers, files: evidence.draw, focus: control.focus };
}

/** What range is asked for, as a hint; what is outside is refused by the engine, not here. */
function bounds(answer, sheet) {
  const named = (end) => (end && sheet.standard.questions[end] ? `“${sheet.standard.questions[end].title}”` : end);
  const [low, high] = [named(answer.at_least), named(answer.kind === "text" ? null : answer.at_most)];
  if (answer.kind === "text") return answer.at_most ? `最多 ${answer.at_most} 字` : "";
  if (answer.kind === "percent") return "";
  if (low && high) return `${low} 到 ${high}`;
  return low ? `不小于 ${low}` : high ? `不大于 ${high}` : "";
}
