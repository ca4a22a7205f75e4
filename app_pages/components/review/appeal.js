// A second look: what the university contests, what the panel found, and one's own decision.

import { h, moment, put, say } from "../shared/dom.js";
import { VERDICTS } from "../shared/opinion.js";
import { pointsField } from "../shared/points.js";
import { span } from "./finding.js";

const OUTCOMES = { upheld: "维持", changed: "改定" };

/** The list of what was given to this person to decide. */
export function appealList(desk, state, pick) {
  return h("nav.zr-list", { "aria-label": "异议" }, desk.appeals.map((one) => {
    const item = desk.item(one);
    const part = desk.head.parts.find((each) => each.id === one.subject);
    return h("button.zr-row", { type: "button", "aria-current": state.appeal === one.id ? "true" : undefined, onclick: () => pick(one) },
      h("span.zr-sign", {}, one.outcome ? "✓" : ""), h("span.zr-name", {}, item?.title ?? one.indicator), h("span.zf-num", {}, one.outcome ? OUTCOMES[one.outcome] : "等您复核"),
      desk.head.parts.length > 1 && h("span.zr-flags", {}, part?.title));
  }), !desk.appeals.length && h("p.zf-hint", {}, "现在没有派给您的异议。"));
}

/** The right side of one appeal. */
export function appealView(desk, appeal, item, found) {
  const key = `a:${appeal.id}`;
  const draft = desk.drafts.get(key);
  const keep = (more) => desk.drafts.set(key, { ...desk.drafts.get(key), op: undefined, ...more });
  const panel = h("div", {}, h("p.zf-hint", {}, "正在取评审组的意见……"));
  desk.compare().then(({ rows }) => {
    const row = rows.find((one) => one.subject === item.subject && one.indicator === item.indicator);
    put(panel, row && [
      h("dl.zr-scores", {}, h("dt", {}, "自评"), h("dd", {}, `${span(row.self)} / ${row.points} 分`), row.panel && [h("dt", {}, "评审组"), h("dd", {}, `${span(row.panel)} / ${row.points} 分`)]),
      row.inspectors.map((one) => h("p", {}, h("b", {}, `${one.inspector}：${VERDICTS[one.verdict]} ${span([one.low, one.high])} 分`), one.reason && `，${one.reason}`))]);
  }, (error) => put(panel, h("p.zf-error", {}, error.message)));

  const told = h("p.zf-error", { role: "alert" });
  const given = pointsField(found.levels, item.points, draft.points, (text) => keep({ points: text }));
  const why = h("textarea", { rows: 4, value: draft.reason ?? "", maxLength: 2000, "aria-label": "复核的理由", placeholder: "写明理由，学校会看到", oninput: () => keep({ reason: why.value }) });
  const points = h("div", { hidden: draft.outcome !== "changed" }, given.element);
  const options = h("div.zf-options", { role: "radiogroup", "aria-label": "复核结论" });
  const choose = (outcome) => {
    keep({ outcome });
    points.hidden = outcome !== "changed";
    drawOptions();
  };
  const drawOptions = () => put(options, Object.entries(OUTCOMES).map(([id, title]) => h("button.zf-option", { type: "button", role: "radio", "aria-checked": String(desk.drafts.get(key).outcome === id), onclick: () => choose(id) }, title)));
  drawOptions();
  const button = h("button.zf-button.zr-lead", { type: "button" }, "作出复核决定");
  button.addEventListener("click", async () => {
    const { outcome } = desk.drafts.get(key);
    if (!outcome) return say(told, "请选维持或改定。");
    if (!why.value.trim()) return say(told, "请写明理由。");
    button.disabled = true;
    try {
      await desk.decide(appeal, outcome, outcome === "changed" ? given.value : null, why.value.trim());
      return desk.notice("复核决定已记下，作出后不再改动。");
    } catch (error) {
      button.disabled = false;
      return say(told, error.message);
    }
  });
  return h("section.zr-finding", { "aria-label": "复核" },
    h("h3", {}, "学校的异议"),
    h("p", {}, appeal.text), h("p.zf-hint", {}, moment(appeal.at)),
    h("h3", {}, "评审组的意见"), panel,
    h("h3", {}, "您的复核"),
    appeal.outcome
      ? h("p", {}, h("b", {}, `${OUTCOMES[appeal.outcome]}${appeal.points ? ` ${appeal.points} 分` : ""}`), `：${appeal.reason}（${moment(appeal.decided_at)}）`)
      : h("div.zr-form", {}, options, points, why, h("p.zf-hint", {}, "决定作出后不再改动。"), h("div.zf-row", {}, button), told));
}
