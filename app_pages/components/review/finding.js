// What the inspector says of one indicator: agree, adjust, ask for material, look on site; and a note of one's own.

import { clock, h, moment, put } from "../shared/dom.js";
import { VERDICTS } from "../shared/opinion.js";
import { pointsField } from "../shared/points.js";

const UNSETTLED = "自评没有定分，请用“调整”给分";
const KEYS = { agree: "A", adjust: "D", material: "M", site: "V" };

/** The right side. `next()` goes on to the next item. Returns {element, act(verdict), refresh()}. */
export function findingView(desk, item, found, next) {
  const draft = desk.draft(item);
  let open = draft.open ?? null; // which verdict is being written
  const readonly = !desk.writable;
  const buttons = h("div.zr-verdicts", { role: "group", "aria-label": "意见" });
  const form = h("div.zr-form");
  const now = h("div.zr-now", { "aria-live": "polite" });
  const scores = h("dl.zr-scores");
  const asked = h("div");
  const unsettled = () => !item.settled && desk.said(item).verdict === "none";
  const keep = (more) => desk.setDraft(item, { ...desk.draft(item), ...more });

  const act = (verdict) => {
    if (readonly) return;
    if (verdict === "agree" && unsettled()) return put(now, h("p.zf-warn", { role: "alert" }, UNSETTLED));
    if (verdict === "agree") {
      open = null;
      desk.say(item, "agree");
      return next();
    }
    open = verdict;
    keep({ open });
    draw();
    form.querySelector("input, textarea")?.focus();
  };
  const close = () => {
    open = null;
    desk.setDraft(item, {});
    draw();
  };

  const drawButtons = () => {
    const { verdict } = desk.said(item);
    put(buttons, Object.keys(KEYS).map((one) => h("button.zf-option", {
      type: "button",
      disabled: readonly || (one === "agree" && unsettled()),
      title: one === "agree" && unsettled() ? UNSETTLED : undefined,
      "aria-checked": String((open ?? verdict) === one),
      role: "radio",
      data: { verdict: one },
      onclick: () => act(one),
    }, VERDICTS[one], h("kbd", {}, KEYS[one]))));
  };

  const forms = {
    adjust() {
      const said = desk.said(item);
      const points = pointsField(found.levels, item.points, draftOr("points", said.verdict === "adjust" ? said.points : ""), (text) => keep({ points: text }));
      const why = h("textarea", { rows: 3, value: draftOr("reason", said.verdict === "adjust" ? said.reason : ""), maxLength: 2000, "aria-label": "调整的理由", placeholder: "写明依据什么调整，学校会看到" });
      why.addEventListener("input", () => keep({ reason: why.value }));
      points.element.addEventListener("click", (event) => event.target.dataset.points && why.focus());
      const save = () => desk.say(item, "adjust", points.value, why.value.trim());
      return [points.element, why, row("保存调整", save, () => points.value && why.value.trim(), "分数和理由都要写。")];
    },
    material() {
      const text = h("textarea", { rows: 3, value: draftOr("text", ""), maxLength: 2000, "aria-label": "要补什么材料", placeholder: "要补什么材料，例如：请补盖章的年度计划扫描件" });
      text.addEventListener("input", () => keep({ text: text.value, op: undefined }));
      return [text, row("要求补材料", () => desk.ask(item, text.value.trim()), () => text.value.trim(), "请写明要补什么。"), h("p.zf-hint", {}, "秘书处转给学校以后，学校才看到。")];
    },
    site() {
      const said = desk.said(item);
      const why = h("textarea", { rows: 2, value: draftOr("reason", said.verdict === "site" ? said.reason : ""), maxLength: 2000, "aria-label": "现场看什么", placeholder: "现场看什么（可以不写）" });
      why.addEventListener("input", () => keep({ reason: why.value }));
      return [why, row("列入现场核查", () => desk.say(item, "site", null, why.value.trim() || null), () => true, "")];
    },
  };
  const draftOr = (name, otherwise) => desk.draft(item)[name] ?? otherwise ?? "";
  const row = (title, save, ready, missing) => {
    const told = h("p.zf-error", { role: "alert" });
    const button = h("button.zf-button.zr-lead", { type: "button" }, title);
    const done = async () => {
      if (!ready()) return put(told, missing);
      button.disabled = true;
      try {
        await save();
        open = null;
        return next();
      } catch (error) {
        button.disabled = false;
        return put(told, error.message);
      }
    };
    button.addEventListener("click", done);
    form.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) done();
    };
    return [h("div.zf-row", {}, button, h("button.zf-quiet", { type: "button", onclick: close }, "取消")), told];
  };

  const drawNow = () => {
    const waiting = desk.waiting(item);
    const said = desk.said(item);
    const words = `${VERDICTS[said.verdict]}${said.points !== null ? ` ${said.points} 分` : ""}`;
    if (waiting?.conflict) return put(now, conflict(desk, item, waiting));
    if (waiting?.error) return put(now, h("p.zf-error", { role: "alert" }, `没有存上：${waiting.error}`), h("button.zf-quiet", { type: "button", onclick: () => desk.giveUp(item) }, "放弃这处修改"));
    if (said.verdict === "none") return put(now, h("p.zf-hint", {}, "还没有意见"));
    return put(now,
      h("p", {}, h("b", {}, words), said.reason && `：${said.reason}`),
      h("p.zf-hint", {}, waiting ? "正在保存" : `已保存 ${moment(item.at)}${item.batch ? "，一并认可" : ""}　`,
        !readonly && h("button.zf-link", { type: "button", onclick: () => desk.say(item, "none") }, "撤回意见")));
  };
  const drawScores = () => put(scores,
    h("dt", {}, "自评"), h("dd", {}, `${span(item.self)} / ${item.points} 分`),
    h("dt", {}, "按您的意见"), h("dd", {}, item.own ? `${span(item.own)} / ${item.points} 分` : "……"));
  const drawAsked = () => put(asked, desk.requests.filter((one) => one.subject === item.subject && one.indicator === item.indicator).map((one) => h("div.zr-request", {},
    h("p", {}, h("b", {}, `${one.inspector}要求补材料：`), one.text, one.withdrawn && "（已撤回）"),
    one.answer ? h("p", {}, `学校回复（${moment(one.answered_at)}）：${one.answer}`) : !one.withdrawn && h("p.zf-hint", {}, "学校还没有回复"),
    one.mine && !one.answered_at && !readonly && h("button.zf-link", { type: "button", onclick: (event) => withdraw(event.target, one) }, "撤回要求"))));
  const withdraw = async (button, one) => {
    button.disabled = true;
    try {
      await desk.withdraw(one);
    } catch (error) {
      desk.notice(error.message);
    }
    drawAsked();
  };

  const note = noteView(desk, item, readonly);
  const draw = () => {
    drawButtons();
    drawNow();
    drawScores();
    drawAsked();
    put(form, open && !readonly ? forms[open]() : []);
    note.refresh();
  };
  draw();
  const element = h("section.zr-finding", { "aria-label": "您的意见" },
    scores,
    found.self && h("div.zr-why", {}, h("p", {}, `自评这样得出：${found.self.sentence}`)),
    h("h3", {}, "您的意见"),
    readonly && h("p.zf-hint", {}, desk.head.why_not),
    buttons, form, now, asked, note.element);
  const refresh = () => {
    drawButtons();
    drawNow();
    drawScores();
    drawAsked();
    note.refresh();
    if (!open) put(form);
    else if (!form.childElementCount) put(form, forms[open]());
  };
  return { element, act, refresh };
}

export const span = ([low, high]) => (low === high ? low : `${low} – ${high}`);

function conflict(desk, item, waiting) {
  const words = (value) => (value ? `${VERDICTS[value.verdict]}${value.points !== null ? ` ${value.points} 分` : ""}${value.reason ? `（${value.reason}）` : ""}` : "没有意见");
  return h("div.zf-conflict", { role: "alert" },
    h("p", {}, "这一项在您的另一个窗口或设备上也改过，两个内容都在，请选一个："),
    h("div.zf-row", {},
      h("button.zf-button", { type: "button", onclick: () => desk.settle(item, false) }, `用那边的：${words(waiting.conflict.theirs?.value)}`),
      h("button.zf-button", { type: "button", onclick: () => desk.settle(item, true) }, `用这里的：${words(waiting.value)}`)));
}

function noteView(desk, item, readonly) {
  const text = h("textarea", { rows: 2, value: desk.note(item), readOnly: readonly, maxLength: 2000, "aria-label": "备注", placeholder: "给自己的备注，学校看不到，不影响得分" });
  const state = h("div", { "aria-live": "polite" });
  let composing = false;
  const tell = (now) => !composing && desk.setNote(item, text.value, now);
  text.addEventListener("compositionstart", () => (composing = true));
  text.addEventListener("compositionend", () => {
    composing = false;
    tell(false);
  });
  text.addEventListener("input", () => tell(false));
  text.addEventListener("change", () => tell(true));
  const refresh = () => {
    const waiting = desk.noteWaits(item);
    if (waiting?.conflict) {
      return put(state, h("div.zf-conflict", { role: "alert" }, h("p", {}, "备注在另一个窗口也改过，请选一个："), h("div.zf-row", {},
        h("button.zf-button", { type: "button", onclick: () => { desk.settle(item, false, true); text.value = desk.note(item); } }, `用那边的：${waiting.conflict.theirs?.value ?? "（空）"}`),
        h("button.zf-button", { type: "button", onclick: () => desk.settle(item, true, true) }, "用这里的"))));
    }
    if (waiting?.error) return put(state, h("p.zf-error", {}, `备注没有存上：${waiting.error}`), h("button.zf-quiet", { type: "button", onclick: () => { desk.giveUp(item, true); text.value = desk.note(item); } }, "放弃"));
    return put(state, waiting && h("p.zf-hint", {}, `备注正在保存 ${clock(new Date())}`));
  };
  refresh();
  return { element: h("details.zr-note", { open: Boolean(desk.note(item)) }, h("summary", {}, "备注"), text, state), refresh };
}
