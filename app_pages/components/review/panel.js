// The panel side by side, what is still missing before signing, and the signature.

import { h, put, say } from "../shared/dom.js";
import { VERDICTS } from "../shared/opinion.js";
import { span } from "./finding.js";

/** The comparison of the panel: of one's own column until all have signed. */
export function panelView(desk, go) {
  const element = h("section.zr-panel", { "aria-label": "评审组对照" }, h("p.zf-hint", {}, "正在取……"));
  let apart = null;
  const draw = (found) => {
    apart ??= found.rows.some(differ);
    const names = found.rows[0]?.inspectors.map((one) => one.inspector) ?? [];
    const waiting = desk.head.panel.filter(([, signed]) => !signed).map(([name]) => name);
    const whole = names.length > 1 || !waiting.length;
    const box = h("input", { type: "checkbox", checked: apart });
    box.addEventListener("change", () => {
      apart = box.checked;
      draw(found);
    });
    const rows = found.rows.filter((row) => !whole || !apart || differ(row));
    put(element,
      h("h2", {}, "评审组对照"),
      !whole && h("p", {}, `各位专家独立评审。${waiting.filter((one) => one !== desk.head.me).join("、") || "其他专家"}签署以后，这里才有其他专家的意见。`),
      whole && h("p", {}, agreement(found.agreement)),
      whole && h("label.zf-check", {}, box, "只看给分不同的"),
      h("div.zf-scroll", {}, h("table.zr-table", {},
        h("thead", {}, h("tr", {}, ["指标", "满分", "自评", ...names.map((one) => (one === desk.head.me ? `${one}（您）` : one)), ...(whole ? ["评审组"] : [])].map((one) => h("th", { scope: "col" }, one)))),
        h("tbody", {}, rows.map((row) => h("tr", { data: { apart: differ(row) ? "yes" : "no" } },
          h("th", { scope: "row" }, h("button.zf-link", { type: "button", onclick: () => go(row) }, row.title), desk.head.parts.length > 1 && h("small", {}, row.subject_title)),
          h("td", {}, row.points), h("td", {}, span(row.self)),
          row.inspectors.map((one) => h("td", {}, h("b", {}, span([one.low, one.high])), ` ${VERDICTS[one.verdict]}`, one.reason && h("p.zf-hint", {}, one.reason), one.changed_since && h("p.zr-flag", {}, "意见之后学校改过"))),
          whole && h("td", {}, row.panel ? span(row.panel) : "")))))),
      !rows.length && h("p.zf-hint", {}, "各位专家给的分都一样。"));
  };
  desk.compare().then(draw, (error) => put(element, h("p.zf-error", { role: "alert" }, error.message)));
  return element;
}

const differ = (row) => new Set(row.inspectors.map((one) => `${one.low} ${one.high}`)).size > 1;

function agreement(found) {
  if (!found.units) return "还没有两位专家都定分的指标。";
  const alpha = found.alpha === null || found.alpha === undefined ? "" : `，克里彭多夫 α ${found.alpha}`;
  return `两位以上专家都定分的 ${found.units} 项里，给分相同的占 ${found.percent}%${alpha}。这只说明评审，不影响成绩。`;
}

const GROUPS = [
  ["还没有意见", (desk, item) => desk.mark(item) === "无意见"],
  ["在等补材料或现场核查", (desk, item) => ["补材料", "现场核查"].includes(desk.mark(item))],
  ["认可的自评还没有定分，要改为调整", (desk, item) => desk.mark(item) === "定论" && !item.settled],
];

/** What is missing before signing, the own result, and the signature. */
export function signView(desk, go) {
  const { head } = desk;
  const told = h("p.zf-error", { role: "alert" });
  const missing = GROUPS.map(([title, test]) => [title, head.items.filter((item) => test(desk, item))]).filter(([, items]) => items.length);
  const changed = head.items.filter((item) => item.changed_since.length);
  const status = desk.status ?? {};
  const unsaved = Boolean(status.waiting || status.stuck);
  const button = h("button.zf-button.zr-lead", { type: "button", disabled: missing.length > 0 || unsaved }, "签署");
  const sure = h("input", { type: "checkbox", disabled: button.disabled });
  const sign = async () => {
    if (!sure.checked) return say(told, "请先勾选“我已逐项核对”。");
    button.disabled = true;
    try {
      await desk.sign();
      return desk.notice("已签署。感谢您的评审。");
    } catch (error) {
      button.disabled = false;
      return say(told, error.message);
    }
  };
  button.addEventListener("click", sign);
  const listed = (items) => h("ul", {}, items.slice(0, 50).map((item) => h("li", {}, h("button.zf-link", { type: "button", onclick: () => go(item) }, item.title), head.parts.length > 1 && h("small", {}, head.parts.find((one) => one.id === item.subject)?.title))), items.length > 50 && h("li.zf-hint", {}, `还有 ${items.length - 50} 项`));
  return h("section.zr-panel", { "aria-label": "签署" },
    h("h2", {}, "签署"),
    h("div.zf-scroll", {}, h("table.zr-table", {},
      h("thead", {}, h("tr", {}, ["评定对象", "自评", "按您的意见", "等级", "红线"].map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, head.parts.map((part) => h("tr", {}, h("th", { scope: "row" }, part.title), h("td", {}, part.self ? span(part.self) : ""), h("td", {}, desk.stale ? "……" : `${span([part.own.low, part.own.high])} / ${part.own.points}`),
        h("td", {}, part.own.possible.map((one) => one.title).join("或")), h("td", {}, part.own.vetoes.map((one) => `${one.title}（${one.state}）`).join("；") || "没有触碰")))))),
    head.signed_at ? h("p", {}, head.why_not) : [
      head.why_not && h("p.zr-flag", {}, head.why_not),
      missing.map(([title, items]) => h("details", { open: items.length <= 12 }, h("summary", {}, `${items.length} 项${title}`), listed(items))),
      changed.length > 0 && h("details", { open: true }, h("summary", {}, `${changed.length} 项在您给出意见以后学校改过，请再看一次`), listed(changed)),
      unsaved && h("p.zr-flag", {}, "还有意见没有保存上，请先处理。"),
      !missing.length && !head.why_not && h("p", {}, "每一项都有定论，分数都已定。签署后意见不再改动，要秘书处退回才能改。"),
      !head.why_not && h("label.zf-check", {}, sure, "我已逐项核对，对上述意见负责"),
      !head.why_not && h("div.zf-row", {}, button), told]);
}
