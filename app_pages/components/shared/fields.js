// One control for each kind of answer. None is preset; none reads or checks a number: the engine does that.

import { grid } from "./grid.js";
import { h, put } from "./dom.js";

const FEW = 6; // options that are shown as buttons; more become a list

/**
 * Make the control of a question. `changed(value, now)` is told what the person has entered, `now` when a choice was
 * made or the field was left. Returns {element, show(value), focus()}.
 */
export function field(id, question, changed, readonly) {
  const { answer } = question;
  const made = MAKERS[answer.kind](id, answer, question, changed, readonly);
  made.element.classList.add("zf-control");
  return made;
}

/** The words for a value, as it is told beside a question. */
export function worded(answer, value) {
  if (value === null || value === undefined || value === "") return "未填";
  if (answer.kind === "yes_no") return value === true || value === "是" ? "是" : "否";
  if (answer.kind === "table") return `${value.length} 行`;
  const title = (id) => answer.options?.find((one) => one.id === String(id))?.title ?? String(id);
  if (answer.kind === "choice") return title(value);
  if (answer.kind === "choices") return value.map(title).join("、") || "一项都没有";
  if (answer.kind === "percent") return percent(value);
  return `${value}${answer.unit ? ` ${answer.unit}` : ""}`;
}

const percent = (value) => (String(value).includes("%") ? String(value) : `${value}%`);

function typed(id, answer, question, changed, readonly, kind) {
  const long = answer.kind === "text";
  const input = h(long ? "textarea" : "input", {
    id,
    rows: long ? 3 : undefined,
    type: long ? undefined : kind,
    inputMode: ["integer"].includes(answer.kind) ? "numeric" : kind === "text" && !long ? "decimal" : undefined,
    readOnly: readonly,
    maxLength: long ? answer.at_most : 60,
    autocomplete: "off",
    "aria-describedby": `${id}-help ${id}-note`,
  });
  let composing = false;
  const tell = (now) => !composing && changed(read(input.value), now);
  const read = (text) => {
    if (text.trim() === "") return null;
    return answer.kind === "percent" && !/[%％]/.test(text) ? `${text.trim()}%` : text;
  };
  input.addEventListener("compositionstart", () => (composing = true));
  input.addEventListener("compositionend", () => {
    composing = false;
    tell(false);
  });
  input.addEventListener("input", () => tell(false));
  input.addEventListener("change", () => tell(true));
  const show = (value) => {
    const text = value === null || value === undefined ? "" : String(value).replace(answer.kind === "percent" ? /[%％]$/ : /$^/, "");
    if (input.value !== text && read(input.value) !== value) input.value = text;
  };
  const unit = answer.kind === "percent" ? "%" : answer.kind === "money" ? (answer.unit ?? "元") : answer.unit;
  const element = h("div.zf-typed", {}, input, unit && h("span.zf-unit", { "aria-hidden": "true" }, unit));
  return { element, show, focus: () => input.focus() };
}

function buttons(id, answer, question, changed, readonly, options) {
  let current = null;
  const list = options.map((one) => {
    const button = h("button.zf-option", {
      type: "button",
      role: "radio",
      disabled: readonly,
      "aria-checked": "false",
      onclick: () => pick(current === one.id ? null : one.id),
    }, one.title);
    button.addEventListener("keydown", (event) => step(event, button));
    return button;
  });
  const element = h("div.zf-options", { id, role: "radiogroup", "aria-labelledby": `${id}-ask`, "aria-describedby": `${id}-help ${id}-note` }, list);
  const pick = (value) => {
    show(value);
    changed(value, true);
  };
  const step = (event, button) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by || readonly) return;
    event.preventDefault();
    const next = (list.indexOf(button) + by + list.length) % list.length;
    list[next].focus();
    pick(options[next].id);
  };
  const show = (value) => {
    current = value ?? null;
    options.forEach((one, index) => {
      const on = current !== null && String(one.id) === String(current);
      list[index].setAttribute("aria-checked", String(on));
      list[index].tabIndex = on || (current === null && index === 0) ? 0 : -1;
    });
  };
  show(null);
  return { element, show, focus: () => (list.find((one) => one.tabIndex === 0) ?? list[0]).focus() };
}

const YES_NO = [{ id: true, title: "是" }, { id: false, title: "否" }];
const TRUTH = { 是: true, 否: false, true: true, false: false };

const MAKERS = {
  yes_no(id, answer, question, changed, readonly) {
    const made = buttons(id, answer, question, changed, readonly, YES_NO);
    return { ...made, show: (value) => made.show(TRUTH[String(value)] ?? null) };
  },
  choice(id, answer, question, changed, readonly) {
    if (answer.options.length <= FEW) return buttons(id, answer, question, changed, readonly, answer.options);
    const select = h("select", { id, disabled: readonly, "aria-describedby": `${id}-help ${id}-note` },
      h("option", { value: "" }, "请选择"), answer.options.map((one) => h("option", { value: one.id }, one.title)));
    select.addEventListener("change", () => changed(select.value || null, true));
    return { element: h("div", {}, select), show: (value) => (select.value = value ?? ""), focus: () => select.focus() };
  },
  choices(id, answer, question, changed, readonly) {
    const boxes = answer.options.map((one) => h("input", { type: "checkbox", value: one.id, disabled: readonly }));
    const none = h("input", { type: "checkbox", disabled: readonly });
    const read = () => boxes.filter((one) => one.checked).map((one) => one.value);
    const tell = () => {
      const picked = read();
      if (picked.length) none.checked = false;
      changed(picked.length || none.checked ? picked : null, true);
    };
    boxes.forEach((one) => one.addEventListener("change", tell));
    none.addEventListener("change", () => {
      if (none.checked) boxes.forEach((one) => (one.checked = false));
      tell();
    });
    const rows = boxes.map((box, index) => h("label.zf-check", {}, box, h("span", {}, answer.options[index].title)));
    rows.push(h("label.zf-check.zf-none", {}, none, h("span", {}, "一项都没有")));
    const element = h("div.zf-checks", { id, role: "group", "aria-labelledby": `${id}-ask` }, rows);
    const show = (value) => {
      boxes.forEach((one) => (one.checked = Array.isArray(value) && value.map(String).includes(one.value)));
      none.checked = Array.isArray(value) && value.length === 0;
    };
    return { element, show, focus: () => boxes[0].focus() };
  },
  date: (id, answer, question, changed, readonly) => typed(id, answer, question, changed, readonly, "date"),
  datetime: (id, answer, question, changed, readonly) => typed(id, answer, question, changed, readonly, "datetime-local"),
  table: (id, answer, question, changed, readonly) => grid(id, answer, changed, readonly),
};
for (const kind of ["integer", "number", "percent", "money", "text"]) {
  MAKERS[kind] = (id, answer, question, changed, readonly) => typed(id, answer, question, changed, readonly, "text");
}

/** Show a value that nobody can change here. */
export function fixed(answer, value) {
  return put(h("p.zf-fixed"), worded(answer, value));
}
