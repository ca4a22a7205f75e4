// The page where inspectors work: what there is on the left, the claim in the middle, one's own finding on the right.

import { clock, h, moment, put, say } from "../shared/dom.js";
import { caller } from "../shared/net.js";
import { appealList, appealView } from "./appeal.js";
import { claimView } from "./claim.js";
import { Desk, same } from "./desk.js";
import { findingView, span } from "./finding.js";
import { itemList } from "./list.js";
import { panelView, signView } from "./panel.js";
import { viewer } from "./proof.js";

const HELP = [["J", "下一项"], ["K", "上一项"], ["A", "认可"], ["D", "调整"], ["M", "要求补材料"], ["V", "现场核查"]];

/** Put the page into `root`. `given`: base, account, assessment, subject, indicator. Returns how to take it away. */
export function mount(root, given) {
  const page = h("div.zf.zr", {}, h("p.zf-hint", {}, "正在打开……"));
  root.append(page);
  const desk = new Desk({ call: caller(given.base, given.account), ...given });
  let unbind = () => {};
  desk.open().then(
    () => (unbind = show(page, desk, given)),
    (error) => put(page, h("p.zf-error", { role: "alert" }, error.message, " "), h("button.zf-button", { type: "button", onclick: () => window.location.reload() }, "重新打开")),
  );
  return () => {
    unbind();
    desk.close();
    page.remove();
  };
}

function show(page, desk, given) {
  const first = desk.head.parts.find((one) => one.id === given.subject) ?? desk.head.parts[0];
  const appealing = desk.head.task === "appeal";
  const state = { subject: first.id, item: null, filter: "all", words: "", view: appealing ? "appeals" : "items", appeal: null };
  const left = h("div.zr-left");
  const middle = h("div.zr-middle", { tabIndex: -1 });
  const right = h("div.zr-right");
  const body = h("div.zr-body", {}, left, middle, right);
  const wide = h("div.zr-wide", { hidden: true });
  const top = h("header.zr-top");
  const status = h("p.zf-status", { role: "status", "aria-live": "polite" });
  const notice = h("div.zf-notice", { role: "alert", hidden: true });
  const banner = h("div.zf-banner", { role: "alert", hidden: true });
  const help = h("p.zr-help", {}, HELP.map(([key, title]) => h("span", {}, h("kbd", {}, key), ` ${title}`)), h("span", {}, "在输入框里打字时不起作用"));
  const proof = viewer(desk);
  let list = null;
  let side = null;
  let asked = 0;

  const remember = () => {
    const query = new URLSearchParams({ assessment: desk.assessment, subject: state.subject, ...(state.item ? { indicator: state.item.indicator } : {}) });
    window.history.replaceState(window.history.state, "", `?${query}`);
  };

  const open = async (item) => {
    const turn = (asked += 1);
    state.item = item;
    side = null; // no key may speak of what is not on the screen yet, or not any more
    right.inert = true;
    remember();
    list?.open(item);
    try {
      const found = await desk.case(item);
      if (turn !== asked) return;
      put(middle, claimView(desk, item, found, (pieces, piece) => proof.show(pieces, piece)));
      side = findingView(desk, item, found, () => next(item));
      put(right, side.element);
      right.inert = false;
      if (window.matchMedia("(min-width: 1100px)").matches) middle.scrollTop = 0;
      right.scrollTop = 0;
      const ahead = list?.step(1);
      if (ahead && !same(ahead, item)) desk.case(ahead).catch(() => {});
    } catch (error) {
      if (turn === asked) put(middle, h("p.zf-error", { role: "alert" }, error.message, " ", h("button.zf-button", { type: "button", onclick: () => open(item) }, "再试一次")));
    }
  };
  const next = (item) => {
    const following = list.step(1);
    if (following && !same(following, item)) open(following);
    else side?.refresh();
  };
  const pick = (item) => {
    if (state.subject !== item.subject) choose(item.subject, item);
    else open(item);
    narrow();
  };
  const narrow = () => !window.matchMedia("(min-width: 1100px)").matches && middle.scrollIntoView({ block: "start" });
  const openAppeal = async (appeal) => {
    const turn = (asked += 1);
    state.appeal = appeal.id;
    const item = desk.item(appeal);
    put(left, appealList(desk, state, openAppeal));
    try {
      const found = await desk.case(item);
      if (turn !== asked) return;
      put(middle, claimView(desk, item, found, (pieces, piece) => proof.show(pieces, piece)));
      put(right, appealView(desk, appeal, item, found));
    } catch (error) {
      put(middle, h("p.zf-error", { role: "alert" }, error.message));
    }
  };

  const choose = (subject, item = null) => {
    state.subject = subject;
    drawView();
    const own = desk.head.items.filter((one) => one.subject === subject);
    const wanted = item ?? own.find((one) => one.indicator === state.item?.indicator) ?? own[0];
    if (wanted) open(wanted);
    drawTop();
  };
  const go = (wanted) => {
    const item = desk.item(wanted);
    state.view = "items";
    state.filter = "all";
    state.words = "";
    choose(item.subject, item);
  };
  const view = (name) => {
    state.view = name;
    drawTop();
    drawView();
    if (name === "items" && state.item) open(state.item);
  };
  const drawView = () => {
    const special = ["panel", "sign"].includes(state.view);
    body.hidden = special;
    wide.hidden = !special;
    help.hidden = special || appealing;
    if (state.view === "panel") return put(wide, panelView(desk, go));
    if (state.view === "sign") return put(wide, signView(desk, go));
    if (state.view === "appeals") {
      list = null;
      put(left, appealList(desk, state, openAppeal));
      put(middle, h("p.zf-hint", {}, "从左边选一条异议。"));
      put(right);
      if (desk.appeals.length) openAppeal(desk.appeals.find((one) => one.id === state.appeal) ?? desk.appeals[0]);
      return null;
    }
    list = itemList(desk, state, pick);
    return put(left, list.element);
  };

  const drawTop = () => {
    const { head } = desk;
    const done = head.items.filter((item) => desk.mark(item) === "定论").length;
    const waiting = (name) => head.items.filter((item) => desk.mark(item) === name).length;
    const part = head.parts.find((one) => one.id === state.subject);
    const parts = h("select", { "aria-label": "评定对象" }, head.parts.map((one) => h("option", { value: one.id, selected: one.id === state.subject }, one.title)));
    parts.addEventListener("change", () => {
      state.view = "items";
      choose(parts.value);
    });
    const tab = (name, title) => h("button.zr-tab", { type: "button", "aria-current": state.view === name ? "page" : undefined, onclick: () => view(name) }, title);
    put(top,
      h("div.zr-where", {},
        h("button.zf-link", { type: "button", onclick: () => given.choose("back", true) }, "← 我的评审"),
        h("strong", {}, head.university), h("span.zf-tag", {}, head.state), head.me && h("span.zf-tag", {}, `您是${head.me}`),
        h("span.zf-hint", {}, `${head.title}　${head.round_title}`),
        head.until && !appealing && h("span.zf-hint", {}, `评审截止 ${moment(head.until)}`)),
      h("div.zr-tools", {},
        head.parts.length > 1 && !appealing && parts,
        h("span.zf-num", {}, [`自评 ${part.self ? span(part.self) : "没有"}`, !appealing && `按您的意见 ${desk.stale ? "……" : span([part.own.low, part.own.high])}`].filter(Boolean).join("，"), ` / ${part.own.points} 分`),
        !appealing && h("span.zr-progress", {}, h("progress", { max: head.items.length, value: done, "aria-label": `定论 ${done} / ${head.items.length}` }), h("span.zf-num", {}, `定论 ${done} / ${head.items.length}${waiting("补材料") ? `，补材料 ${waiting("补材料")}` : ""}${waiting("现场核查") ? `，现场核查 ${waiting("现场核查")}` : ""}`)),
        h("nav.zr-tabs", { "aria-label": "评审的步骤" },
          appealing ? tab("appeals", "异议复核") : tab("items", "逐项评审"), tab("panel", "评审组对照"), !appealing && tab("sign", head.signed_at ? "已签署" : "签署"))));
  };

  const drawStatus = () => {
    const now = desk.status ?? {};
    banner.hidden = !now.blocked;
    if (now.blocked) put(banner, refusal(desk, now.blocked));
    status.dataset.state = now.blocked ? "blocked" : now.offline ? "offline" : now.stuck ? "stuck" : now.waiting || now.busy ? "busy" : "saved";
    const parts = [];
    if (now.offline) parts.push(`现在连不上，${now.waiting} 处已存在本机，连上后自动保存`);
    else if (now.waiting || now.busy) parts.push("正在保存……");
    else if (desk.lastSaved) parts.push(`已保存 ${clock(desk.lastSaved)}`);
    else parts.push(desk.head.why_not ?? "意见会自动保存");
    if (now.stuck) parts.push(`有 ${now.stuck} 处要您看一下`);
    if (now.durable === false) parts.push("这个浏览器存不下草稿，请不要在断网时关掉页面");
    say(status, parts.join("；"));
  };

  const onItem = ({ detail }) => {
    list?.mark(detail.item);
    if (state.view === "items" && state.item && same(state.item, detail.item)) side?.refresh();
    drawTop();
  };
  const onResults = () => {
    drawTop();
    drawStatus();
    if (state.view === "items") {
      list?.draw();
      if (state.item) list?.open(state.item);
      side?.refresh();
    } else if (state.view === "sign" || state.view === "appeals") drawView();
  };
  const onNotice = ({ detail }) => {
    notice.hidden = false;
    put(notice, detail.text, " ", detail.act && h("button.zf-link", { type: "button", onclick: () => {
      notice.hidden = true;
      detail.act[1]();
    } }, detail.act[0]), " ", h("button.zf-link", { type: "button", onclick: () => (notice.hidden = true) }, "知道了"));
  };
  desk.addEventListener("item", onItem);
  desk.addEventListener("results", onResults);
  desk.addEventListener("status", drawStatus);
  desk.addEventListener("notice", onNotice);

  const press = (event) => {
    if (state.view !== "items" || proof.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.composedPath()[0];
    if (at instanceof Element && at.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    const act = { a: "agree", d: "adjust", m: "material", v: "site" }[key];
    if (key === "j" || key === "k") {
      const item = list.step(key === "j" ? 1 : -1);
      if (item) open(item);
    } else if (act && side) side.act(act);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", press, true);

  drawTop();
  drawStatus();
  put(page, top, banner, notice, h("div.zr-line", {}, status, help), body, wide, proof.element);
  if (appealing) drawView();
  else choose(state.subject, desk.item({ subject: state.subject, indicator: given.indicator }) ?? null);
  return () => document.removeEventListener("keydown", press, true);
}

function refusal(desk, blocked) {
  const again = h("button.zf-button", { type: "button", onclick: () => desk.queue.unblock() }, "再试一次");
  if (blocked.status !== 401) return [h("p", {}, `${blocked.message}没有存上的意见都留在这台机器上。`), again];
  return [h("p", {}, "登录已经结束。没有存上的意见都留在这台机器上，重新登录后会自动保存。"),
    h("div.zf-row", {}, h("a.zf-button", { href: `/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`, target: "_top" }, "重新登录"), again)];
}
