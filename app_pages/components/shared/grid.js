// A table answer: rows and typed columns, filled by hand or pasted from a spreadsheet.

import { h, put } from "./dom.js";

const SHOWN = 100; // rows that are drawn at once

/** Make the control of a table. A row without anything in it does not count. */
export function grid(id, answer, changed, readonly) {
  const { columns } = answer;
  const most = answer.rows_at_most;
  let rows = [];
  let shown = SHOWN;
  const body = h("tbody");
  const count = h("span.zf-count", { role: "status" });
  const told = h("p.zf-told", { role: "alert", hidden: true });

  const tell = (now) => {
    const full = rows.filter((row) => Object.values(row).some((cell) => cell !== "" && cell !== null && cell !== undefined));
    changed(full.length ? full : null, now);
    counted();
  };
  const counted = () => put(count, `${rows.length} 行${answer.rows_at_least ? `，至少 ${answer.rows_at_least} 行` : ""}，最多 ${most} 行`);

  const cell = (row, column, line) => {
    const label = `第 ${line + 1} 行 ${column.name}`;
    const value = row[column.name];
    const set = (next, now) => {
      if (next === null || next === "" || (Array.isArray(next) && !next.length)) delete row[column.name];
      else row[column.name] = next;
      tell(now);
    };
    if (column.kind === "yes_no" || column.kind === "choice") {
      const options = column.kind === "yes_no" ? [["是", "是"], ["否", "否"]] : column.options.map((one) => [one.id, one.title]);
      const now = value === true ? "是" : value === false ? "否" : (value ?? "");
      const select = h("select", { disabled: readonly, "aria-label": label },
        h("option", { value: "" }, ""), options.map(([key, title]) => h("option", { value: key, selected: String(key) === String(now) }, title)));
      select.addEventListener("change", () => set(select.value, true));
      return select;
    }
    if (column.kind === "choices") {
      const picked = new Set(Array.isArray(value) ? value.map(String) : []);
      return h("div.zf-many", { role: "group", "aria-label": label }, column.options.map((one) => {
        const box = h("input", { type: "checkbox", checked: picked.has(String(one.id)), disabled: readonly });
        box.addEventListener("change", () => {
          if (box.checked) picked.add(String(one.id));
          else picked.delete(String(one.id));
          set([...picked], true);
        });
        return h("label", {}, box, one.title);
      }));
    }
    const type = { date: "date", datetime: "datetime-local" }[column.kind] ?? "text";
    const text = column.kind === "percent" ? String(value ?? "").replace(/[%％]$/, "") : String(value ?? "");
    const input = h("input", { type, value: text, readOnly: readonly, "aria-label": label, autocomplete: "off" });
    let composing = false;
    const read = () => (column.kind === "percent" && input.value.trim() && !/[%％]/.test(input.value) ? `${input.value.trim()}%` : input.value);
    input.addEventListener("compositionstart", () => (composing = true));
    input.addEventListener("compositionend", () => {
      composing = false;
      set(read(), false);
    });
    input.addEventListener("input", () => !composing && set(read(), false));
    input.addEventListener("change", () => set(read(), true));
    return input;
  };

  const paste = (event, line, place) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (readonly || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const pasted = cells(text);
    const names = columns.map((one) => one.name);
    const headed = pasted.length > 1 && pasted[0].every((one, index) => one.trim() === names[place + index]);
    const lines = headed ? pasted.slice(1) : pasted;
    const room = most - line;
    lines.slice(0, room).forEach((given, offset) => {
      const row = (rows[line + offset] ??= {});
      given.slice(0, columns.length - place).forEach((one, index) => {
        const column = columns[place + index];
        const value = one.trim();
        if (value === "") delete row[column.name];
        else if (column.kind === "choices") row[column.name] = value.split(/[、,，;；]/).map((part) => part.trim()).filter(Boolean);
        else row[column.name] = value;
      });
    });
    const wide = lines.some((given) => given.length > columns.length - place);
    const left = Math.max(0, lines.length - room);
    const said = [left && `最多 ${most} 行，有 ${left} 行没有放进来`, wide && "粘贴的列比表多，多出的没有放进来"].filter(Boolean);
    told.hidden = !said.length;
    put(told, said.length ? `${said.join("；")}。` : "");
    draw();
    tell(true);
  };

  const draw = () => {
    put(body, rows.slice(0, shown).map((row, line) => h("tr", {},
      h("th", { scope: "row" }, line + 1),
      columns.map((column, place) => h("td", { onpaste: (event) => paste(event, line, place) }, cell(row, column, line))),
      !readonly && h("td.zf-tools", {}, h("button.zf-quiet", { type: "button", "aria-label": `删去第 ${line + 1} 行`, onclick: () => remove(line) }, "删")))),
      rows.length > shown && h("tr", {}, h("td", { colSpan: columns.length + 2 },
        h("button.zf-quiet", { type: "button", onclick: () => ((shown += SHOWN), draw()) }, `还有 ${rows.length - shown} 行，再显示一些`))));
    counted();
  };
  const remove = (line) => {
    rows.splice(line, 1);
    draw();
    tell(true);
  };
  const add = () => {
    if (rows.length >= most) return;
    rows.push({});
    shown = Math.max(shown, rows.length);
    draw();
    body.querySelector("tr:last-child input, tr:last-child select")?.focus();
  };
  const head = h("tr", {}, h("th", {}, ""), columns.map((one) => h("th", { scope: "col" }, one.name, unit(one) && h("small", {}, unit(one)))), !readonly && h("th", {}, ""));
  const element = h("div.zf-grid", { id },
    h("div.zf-scroll", { tabIndex: 0, role: "region", "aria-labelledby": `${id}-ask` }, h("table", {}, h("thead", {}, head), body)),
    h("div.zf-row", {}, !readonly && h("button.zf-button", { type: "button", onclick: add }, "加一行"),
      !readonly && h("span.zf-hint", {}, "可从 Excel 复制整块，点一格后粘贴"), count), told);
  const show = (value) => {
    const now = Array.isArray(value) ? value : [];
    const mine = rows.filter((row) => Object.keys(row).length);
    if (JSON.stringify(now) === JSON.stringify(mine)) return;
    rows = now.map((row) => ({ ...row }));
    draw();
  };
  draw();
  return { element, show, focus: () => (body.querySelector("input, select") ?? element.querySelector("button"))?.focus() };
}

const unit = (column) => (column.kind === "percent" ? "%" : (column.unit ?? (column.kind === "money" ? "元" : "")));

/** Read what a spreadsheet puts on the clipboard: tabs between cells, quotes around cells with line breaks. */
export function cells(text) {
  const rows = [[""]];
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    const row = rows.at(-1);
    if (quoted) {
      if (sign !== '"') row[row.length - 1] += sign;
      else if (text[index + 1] === '"') row[row.length - 1] += text[(index += 1)];
      else quoted = false;
    } else if (sign === '"' && row.at(-1) === "") quoted = true;
    else if (sign === "\t") row.push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") row[row.length - 1] += sign;
  }
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
  return rows;
}
