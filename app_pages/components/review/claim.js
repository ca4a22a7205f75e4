// What the university says of one indicator, with its proof; how to check it; the rule and where it comes from.

import { h, moment } from "../shared/dom.js";
import { worded } from "../shared/fields.js";
import { basisView, ruleView } from "../shared/rule.js";
import { FLAGS } from "./list.js";
import { proofs } from "./proof.js";

const ORIGINS = { carried: "沿用上一批次", offered: "采用已填内容", api: "由接口送入", imported: "由文件导入" };

/** The left side. `look(pieces, piece)` shows a piece large. */
export function claimView(desk, item, found, look) {
  const rule = desk.rules.get(item.indicator);
  const pieces = found.facts.flatMap((one) => one.evidence);
  const outlier = desk.outlier(item);
  return h("section.zr-claim", { "aria-label": "学校的填报", data: { claim: item.indicator } },
    h("header", {},
      h("h2", {}, item.key && h("span.zf-key", { title: "关键项" }, "★"), item.title),
      h("p.zf-hint", {}, h("code", {}, item.indicator), `　满分 ${item.points} 分　`, item.flags.filter((one) => one !== "heavy").map((one) => h("span.zf-tag", { title: FLAGS[one][1] }, FLAGS[one][0])))),
    outlier && h("p.zr-flag", {}, told(outlier, item)),
    found.changed_since.length > 0 && changes(desk, found),
    found.not_applicable && h("p.zr-flag", {}, `学校申报这一项不适用：${found.not_applicable}`),
    h("h3", {}, "填报与证据"),
    !found.facts.length && h("p.zf-hint", {}, "这一项不用学校填，由评审专家评定。"),
    found.facts.map((one) => factView(desk, one, (piece) => look(pieces, piece))),
    h("h3", {}, "计分规则"),
    rule?.rule ? ruleView(rule.rule) : ruleView(found.rule),
    found.conditions.map((one) => h("p", {}, one)),
    rule?.note && h("p", {}, `说明：${rule.note}`),
    h("h3", {}, "依据"),
    (rule?.basis ?? []).map(basisView));
}

function factView(desk, one, open) {
  const question = desk.question(one.fact);
  const who = one.by && [one.by, one.at && moment(one.at), ORIGINS[one.origin]].filter(Boolean).join("，");
  return h("article.zr-fact", { data: { fact: one.fact } },
    h("div.zr-said", {}, h("span", {}, one.title), h("strong", {}, question ? answered(question.answer, one.value) : String(one.value ?? "未填"))),
    question?.answer.kind === "table" && Array.isArray(one.value) && rowsOf(question.answer, one.value),
    h("p.zf-hint", {}, [who, question?.period && `统计期：${question.period}`].filter(Boolean).join("　")),
    one.note && h("p", {}, `填报说明：${one.note}`),
    one.seen && h("p.zr-seen", {}, `您在现场看到：${one.seen.value === null ? "没有记数" : answered(question.answer, one.seen.value)}`, one.seen.note && `（${one.seen.note}）`, one.seen.photos.length > 0 && `，照片 ${one.seen.photos.length} 张`),
    proofs(desk, one.evidence, open),
    (question?.proof || one.inspect || one.sample) && h("details.zf-more", {}, h("summary", {}, "要什么证据、怎么查"),
      question?.proof && h("p", {}, `证据：${question.proof}`), one.inspect && h("p", {}, `现场怎么查：${one.inspect}`), one.sample && h("p", {}, `抽样：${one.sample}`)));
}

/** A value in words; what is not answered says so. */
export const answered = (answer, value) => (value === null || value === undefined ? "未填" : worded(answer, value));

function rowsOf(answer, rows) {
  const cell = (column, value) => (value === undefined || value === null ? "" : answered(column, value));
  return h("div.zf-scroll", {}, h("table.zr-table", {},
    h("thead", {}, h("tr", {}, answer.columns.map((column) => h("th", { scope: "col" }, column.name)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, answer.columns.map((column) => h("td", {}, cell(column, row[column.name]))))))));
}

function told(outlier, item) {
  const far = outlier.above ? "这么高" : "这么低";
  return `自评 ${item.self[0]} 分；同批次另外 ${outlier.of} 个评定对象的中位数是 ${outlier.median} 分，${outlier.as_far ? `只有 ${outlier.as_far} 个有${far}` : `没有一个有${far}`}。`;
}

function changes(desk, found) {
  const said = (one) => {
    const answer = desk.question(one.fact)?.answer;
    const word = (value) => (answer ? answered(answer, value) : (value ?? "没有"));
    const moved = JSON.stringify(one.was) !== JSON.stringify(one.now);
    return `${one.title}：${moved ? `原来 ${word(one.was)}，现在 ${word(one.now)}` : "答案没有变"}${one.evidence ? "，证据有增减" : ""}`;
  };
  return h("div.zr-flag", {}, h("p", {}, h("b", {}, "您给出意见以后，学校改过这一项，请再看一次：")), h("ul", {}, found.changed_since.map((one) => h("li", {}, said(one)))));
}
