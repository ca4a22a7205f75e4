// The items of one subject: what to look at first, which are done, and agreeing to many at once.

import { h, put } from "../shared/dom.js";
import { same } from "./desk.js";

export const FLAGS = {
  unsupported: ["答“是”无证据", "答了“是”，但没有附证据"],
  heavy: ["分值高", "分值比四分之三的指标都高"],
  reused: ["证据别处用过", "有文件或图片在别处交过"],
  time: ["证据期限", "有证据过期、快到期，或不在评定期间拍摄"],
  changed: ["看后有改动", "您给出意见以后，学校重新提交时改了这一项"],
  outlier: ["与同批相差大", "自评得分与同批次其他单位相差很大"],
};
const SIGNS = { 定论: "✓", 补材料: "补", 现场核查: "现", 无意见: "" };

const FILTERS = [
  ["all", "全部", () => true],
  ["silent", "还没有意见", (desk, item) => desk.mark(item) === "无意见"],
  ["open", "等定论", (desk, item) => ["补材料", "现场核查"].includes(desk.mark(item))],
  ["unsettled", "没有定分", (desk, item) => !item.settled],
  ...["changed", "unsupported", "outlier", "reused", "time", "heavy"].map((code) => [code, FLAGS[code][0], (desk, item) => desk.flags(item).includes(code)]),
];

/** The list. `pick(item)` opens one. Returns {element, draw(), mark(item), step(by), open(item), subject}. */
export function itemList(desk, state, pick) {
  const chips = h("div.zr-chips", { role: "group", "aria-label": "筛选" });
  const find = h("input", { type: "search", placeholder: "按词或指标号查找", "aria-label": "查找指标", value: state.words ?? "" });
  const rows = h("div.zr-rows");
  const bulk = h("div.zr-bulk");
  const element = h("nav.zr-list", { "aria-label": "指标" }, find, chips, bulk, rows);
  let shown = [];

  const within = () => desk.head.items.filter((one) => one.subject === state.subject);
  const filter = () => FILTERS.find(([id]) => id === state.filter) ?? FILTERS[0];
  const worded = (item) => {
    const words = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => `${item.indicator} ${item.title}`.toLowerCase().includes(word));
  };

  const drawChips = () => put(chips, FILTERS.map(([id, title, test]) => {
    const count = within().filter((item) => test(desk, item)).length;
    return (count > 0 || id === "all" || id === state.filter) && h("button.zr-chip", {
      type: "button",
      "aria-pressed": String(filter()[0] === id),
      title: FLAGS[id]?.[1],
      onclick: () => {
        state.filter = id;
        draw();
        if (shown.length && !shown.some((one) => state.item && same(one, state.item))) pick(shown[0]);
      },
    }, title, h("span.zf-num", {}, count));
  }));

  const drawBulk = () => {
    const silent = shown.filter((item) => desk.mark(item) === "无意见");
    const last = desk.batch();
    put(bulk,
      desk.writable && silent.length > 1 && h("button.zf-button", { type: "button", onclick: (event) => agree(event.target, silent) }, `认可列出的 ${silent.length} 项`),
      desk.writable && last && h("button.zf-quiet", { type: "button", onclick: (event) => undo(event.target, last) }, `撤销上次一并认可的 ${last.count} 项`));
  };
  const agree = async (button, silent) => {
    button.disabled = true;
    try {
      const done = await desk.agreeToAll(silent);
      const left = done.left.length ? `另有 ${done.left.length} 项自评没有定分，要您给分：${done.left.slice(0, 3).join("、")}${done.left.length > 3 ? "等" : ""}。` : "";
      desk.notice(`已认可 ${done.agreed} 项。${left}`, done.agreed > 0 && ["撤销", () => undo(null, { id: done.batch })]);
    } catch (error) {
      desk.notice(error.message);
    }
    draw();
  };
  const undo = async (button, batch) => {
    if (button) button.disabled = true;
    try {
      const done = await desk.undo(batch.id);
      desk.notice(`已撤销 ${done.agreed} 项认可。之后单独改过的没有动。`);
    } catch (error) {
      desk.notice(error.message);
    }
    draw();
  };

  const row = (item) => {
    const mark = desk.mark(item);
    const { verdict } = desk.said(item);
    const flags = desk.flags(item);
    return h("button.zr-row", {
      type: "button",
      "aria-current": state.item && same(item, state.item) ? "true" : undefined,
      data: { item: item.indicator, mark },
      onclick: () => pick(item),
    },
    h("span.zr-sign", { title: mark, "aria-label": mark }, verdict === "adjust" ? "±" : SIGNS[mark]),
    h("span.zr-name", {}, item.key && h("span.zf-key", { title: "关键项" }, "★"), item.title),
    h("span.zf-num", {}, item.points),
    flags.length > 0 && h("span.zr-flags", {}, flags.map((one) => h("span.zf-tag", { title: FLAGS[one][1] }, FLAGS[one][0]))));
  };

  const draw = () => {
    const [, , test] = filter();
    shown = within().filter((item) => test(desk, item) && worded(item));
    drawChips();
    drawBulk();
    put(rows, desk.head.sections.map((section) => {
      const own = shown.filter((item) => item.section === section.id);
      return own.length > 0 && [h("h3", {}, section.title), own.map(row)];
    }), !shown.length && h("p.zf-hint", {}, find.value ? "没有找到，换一个词试试。" : "这一类里没有了。"));
  };
  find.addEventListener("input", () => {
    state.words = find.value;
    draw();
  });
  find.addEventListener("keydown", (event) => event.key === "Enter" && shown.length && pick(shown[0]));

  /** Show an item as it is now, without reordering what is there: what was just dealt with stays in sight. */
  const mark = (item) => {
    const old = rows.querySelector(`[data-item="${CSS.escape(item.indicator)}"]`);
    if (old && item.subject === state.subject) old.replaceWith(row(item));
    drawChips();
    drawBulk();
  };
  const step = (by) => {
    if (!shown.length) return null;
    const at = shown.findIndex((one) => state.item && same(one, state.item));
    return shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))];
  };
  const open = (item) => {
    rows.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
    const now = rows.querySelector(`[data-item="${CSS.escape(item.indicator)}"]`);
    now?.setAttribute("aria-current", "true");
    now?.scrollIntoView({ block: "nearest" });
  };
  draw();
  return { element, draw, mark, step, open };
}
