// Points given by a person: the ones the rule knows as buttons, any other typed. The server says whether they can be given.

import { h } from "./dom.js";

/** Make the control. `changed(text)` is told what is there. Returns {element, value, focus()}. */
export function pointsField(levels, full, given, changed) {
  const number = h("input", { value: given ?? "", inputMode: "decimal", autocomplete: "off", maxLength: 20, "aria-label": `分数，0 到 ${full}` });
  const set = (text) => {
    number.value = text;
    tell();
  };
  const buttons = levels.map((one) => h("button.zf-option", { type: "button", data: { points: one }, onclick: () => set(one) }, `${one} 分`));
  const tell = () => {
    mark();
    changed(number.value);
  };
  const mark = () => buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.points === number.value.trim())));
  number.addEventListener("input", tell);
  mark();
  const element = h("div.zf-give", {},
    buttons.length > 0 && h("div.zf-options", { role: "group", "aria-label": "按规则可能的分" }, buttons),
    h("label.zf-typed", {}, number, h("span.zf-unit", {}, `分（0 到 ${full}）`)));
  return { element, get value() { return number.value.trim(); }, focus: () => (buttons[0] ?? number).focus() };
}
