// A rule in words, as the engine tells it, and what it rests on.

import { h } from "./dom.js";

/** The rule as a list that may go deeper. */
export function ruleView(rule) {
  const line = (one) => h("li", {}, one.text, one.parts.length > 0 && h("ul", {}, one.parts.map(line)));
  return h("ul.zf-rule", {}, line(rule));
}

/** One source: how near to its words, which one, and where in it. */
export function basisView(one) {
  return h("p.zf-basis", {}, h("span.zf-tag", {}, one.provenance),
    [one.source, one.number, one.article].filter(Boolean).join(" "), one.verify && "（待核对原文）", one.note && `　${one.note}`);
}
