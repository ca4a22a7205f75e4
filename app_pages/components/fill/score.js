// The score card: what is certain, what is still possible, which grade, what stands in the way. Every number is the engine's.

import { h, put, say, soon } from "../shared/dom.js";

/** Show where the subject stands. `go(fact)` leads to a question, `section(id)` to a section. */
export function scoreCard(sheet, go, section) {
  const total = h("strong.zf-total");
  const grade = h("span.zf-grade");
  const bar = h("div.zf-bar", { role: "img" }, h("i.zf-sure"), h("i.zf-open"));
  const head = h("summary.zf-cardhead", {}, h("span.zf-label", {}, "现在的得分"), total, grade);
  const body = h("div.zf-cardbody");
  const settle = h("div.zf-settle");
  const wide = window.matchMedia("(min-width: 1000px)").matches;
  const element = h("details.zf-card", { open: wide, "aria-label": "得分" }, head, bar, body, settle);
  const live = h("p.zf-quietly", { role: "status", "aria-live": "polite" });
  element.append(live);

  const more = soon(() => {
    const { brief } = sheet;
    if (!brief) return;
    put(body,
      h("p.zf-hint", {}, `已答 ${brief.answered} / ${brief.asked} 个问题`),
      brief.absent !== "0" && h("p.zf-hint", {}, `缺项 ${brief.absent} 分，按其余各项的得分率折回总分`),
      brief.vetoes.length > 0 && h("ul.zf-vetoes", {}, brief.vetoes.map((one) => h("li", { data: { state: one.state } }, h("b", {}, one.state), ` ${one.title}`))),
      h("ul.zf-tiers", {}, brief.sections.map((one) => h("li", {},
        h("button.zf-tier", { type: "button", onclick: () => section(one.id) },
          h("span", {}, one.title), h("span.zf-num", {}, `${range(one)} / ${one.points}`), small(one))))),
      brief.problems.length > 0 && h("ul.zf-problems", {}, brief.problems.map((one) => h("li", {}, one))),
      h("button.zf-button", { type: "button", onclick: why }, "还差什么才能定等级"));
  });
  const refresh = () => {
    const { brief } = sheet;
    if (!brief) return rolled();
    say(total, `${range(brief)} / ${brief.points}`);
    say(grade, grades(brief));
    widths(bar, brief);
    bar.setAttribute("aria-label", `已经确定 ${brief.low} 分，最多还可能到 ${brief.high} 分，满分 ${brief.points} 分`);
    say(live, `得分 ${range(brief)}，${grades(brief)}`);
    more();
  };
  const rolled = () => {
    const all = sheet.total;
    if (!all) return;
    say(total, all.mean ? `平均 ${range(all.mean)}` : "还没有得分");
    say(grade, all.titles.filter((one) => one.earned === true).map((one) => one.title).join("、"));
    bar.hidden = true;
    put(body, h("ul.zf-tiers", {}, all.units.map((one) => h("li.zf-unitrow", {}, h("span", {}, one.title), h("span.zf-num", {}, range(one.total)),
      h("small", {}, one.possible.length > 1 ? `可能：${one.possible.join("、")}` : one.possible[0])))));
  };
  const why = async () => {
    say(settle, "正在看……");
    try {
      put(settle, settling(await sheet.explain(), sheet, go));
    } catch (error) {
      say(settle, error.message);
    }
  };
  sheet.addEventListener("score", refresh);
  refresh();
  return element;
}

export const range = ({ low, high }) => (low === high ? low : `${low} – ${high}`);

function grades({ grade, possible }) {
  if (possible.length === 1) return possible[0].title;
  return grade ? grade : `可能：${possible.map((one) => one.title).join("、")}`;
}

function widths(bar, { low, high, points }) {
  bar.style.setProperty("--low", low);
  bar.style.setProperty("--high", high);
  bar.style.setProperty("--full", points);
}

function small(one) {
  const bar = h("div.zf-bar.zf-thin", { "aria-hidden": "true" }, h("i.zf-sure"), h("i.zf-open"));
  widths(bar, one);
  return bar;
}

function settling(document, sheet, go) {
  const { ways, matters } = document.settling;
  const link = (fact) => {
    const asked = sheet.question(fact);
    return h("button.zf-link", { type: "button", onclick: () => go(fact) }, asked ? asked.title : fact);
  };
  const between = (links) => links.flatMap((one, index) => (index ? ["、", one] : [one]));
  return h("div", {},
    ways.map((way) => h("p", {}, `要确定能不能到“${way.title}”，还需要：`, between(way.facts.map(link)))),
    matters.length > 0 && h("p", {}, "最影响得分的未答问题："),
    h("ul", {}, matters.slice(0, 8).map((one) => h("li", {}, link(one.fact), ` 影响 ${one.points} 分`))),
    !ways.length && !matters.length && h("p", {}, "没有未答的问题会再改变等级。"));
}
