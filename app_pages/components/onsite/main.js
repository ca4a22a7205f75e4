// 现场核查 on a phone: places, what to look at in each, and what has not been sent yet.

import { clock, h, put, say } from "../shared/dom.js";
import { caller } from "../shared/net.js";
import { VERDICTS } from "../shared/opinion.js";
import { pointsField } from "../shared/points.js";
import { ruleView } from "../shared/rule.js";
import { factView } from "./fact.js";
import { Trip } from "./trip.js";

/** Put the page into `root`. `given`: base, account. Returns a function that takes it away. */
export function mount(root, given) {
  const page = h("div.zf.zo", {}, h("p.zf-hint", {}, "正在打开……"));
  root.append(page);
  const trip = new Trip({ call: caller(given.base, given.account), ...given });
  const begin = () => trip.open().then(
    () => show(page, trip),
    (error) => put(page, h("p.zf-error", { role: "alert" }, error.message, "记过的内容都在这台机器上，连上后会自动传。"), h("button.zf-button", { type: "button", onclick: begin }, "再试一次")),
  );
  begin();
  return () => {
    trip.close();
    page.remove();
  };
}

const place = (visit) => `${visit.assessment}:${visit.subject}`;

function show(page, trip) {
  const status = h("p.zf-status", { role: "status", "aria-live": "polite" });
  const banner = h("div.zf-banner", { role: "alert", hidden: true });
  const main = h("div");
  const views = [];
  let here = remembered();

  const places = () => {
    const found = new Map();
    trip.visits.forEach((one) => found.set(place(one), [...(found.get(place(one)) ?? []), one]));
    return found;
  };
  const go = (key) => {
    here = key;
    remember(key);
    draw();
    page.scrollIntoView({ block: "start" });
  };

  const draw = () => {
    views.length = 0;
    const all = places();
    if (!all.size) return put(main, h("p", {}, "没有要到现场看的。在“评审”里把指标标为“现场核查”，就会列到这里。"));
    if (!all.has(here)) here = all.size === 1 ? [...all.keys()][0] : null;
    return here ? drawPlace(all.get(here), all.size) : drawPlaces(all);
  };
  const drawPlaces = (all) => {
    const universities = [...new Set([...all.values()].map(([first]) => first.university))];
    put(main, universities.map((name) => h("section", {}, h("h2", {}, name), [...all].filter(([, [first]]) => first.university === name).map(([key, visits]) => {
      const left = visits.filter((one) => !trip.done(one)).length;
      return h("button.zo-place", { type: "button", onclick: () => go(key) }, h("strong", {}, visits[0].subject_title), h("span.zf-num", {}, left ? `还有 ${left} 项` : "都有定论了"),
        h("progress", { max: visits.length, value: visits.length - left, "aria-label": `已有定论 ${visits.length - left} / ${visits.length}` }));
    }))), h("button.zf-quiet", { type: "button", onclick: again }, "重新取清单"));
  };
  const again = async () => {
    try {
      await trip.fetch();
      draw();
    } catch (error) {
      say(status, error.message);
    }
  };
  const drawPlace = (visits, count) => {
    const [first] = visits;
    const open = visits.filter((one) => !trip.done(one));
    const closed = visits.filter((one) => trip.done(one));
    put(main,
      count > 1 && h("button.zf-quiet", { type: "button", onclick: () => go(null) }, "← 所有地点"),
      h("h2", {}, first.subject_title), h("p.zf-hint", {}, first.university),
      !first.open && h("p.zf-warn", {}, "这里的评审已经签署，或者现在不在评审阶段，只能看。"),
      open.map((one, index) => visitView(one, index, index === 0)),
      closed.length > 0 && h("details.zo-closed", {}, h("summary", {}, `已有定论的 ${closed.length} 项`), closed.map((one, index) => visitView(one, open.length + index, false))));
  };

  const visitView = (visit, number, opened) => {
    const facts = visit.facts.map((one) => factView(trip, visit, one, number));
    const mark = h("span.zf-tag");
    const conclusion = conclude(trip, visit);
    const refresh = () => {
      say(mark, VERDICTS[trip.said(visit).verdict]);
      conclusion.refresh();
    };
    views.push({ visit, facts: new Map(visit.facts.map((one, index) => [one.fact, facts[index]])), refresh });
    refresh();
    return h("details.zo-visit", { open: opened, data: { indicator: visit.indicator } },
      h("summary", {}, h("span.zo-title", {}, visit.title), h("span.zf-num", {}, `${visit.points} 分`), mark),
      visit.reason && h("p", {}, h("b", {}, "要看什么："), visit.reason),
      facts.map((one) => one.element),
      h("details.zf-more", {}, h("summary", {}, "计分规则"), ruleView(visit.rule)),
      conclusion.element);
  };

  const told = () => {
    const now = trip.status ?? {};
    const photos = trip.waiting.filter((one) => !one.error).length;
    const refused = trip.waiting.length - photos + (now.stuck ?? 0);
    const offline = now.offline || trip.failures > 0;
    banner.hidden = !now.blocked;
    if (now.blocked) put(banner, refusal(trip, now.blocked));
    const waiting = [now.waiting && `${now.waiting} 处`, photos && `${photos} 张照片`].filter(Boolean).join("和");
    status.dataset.state = now.blocked ? "blocked" : offline && waiting ? "offline" : refused ? "stuck" : waiting ? "busy" : "saved";
    const parts = [];
    if (waiting && offline) parts.push(`现在连不上，${waiting}已存在本机，连上后自动传`);
    else if (waiting) parts.push(`正在传 ${waiting}`);
    else if (trip.lastSaved) parts.push(`都已传上 ${clock(trip.lastSaved)}`);
    else parts.push("记下的会自动传，断网也能记");
    if (refused) parts.push(`有 ${refused} 处要您看一下`);
    if (now.durable === false || !trip.album.durable) parts.push("这个浏览器存不下，请不要在断网时关掉页面");
    say(status, parts.join("；"));
  };

  trip.addEventListener("seen", ({ detail }) => views.filter((one) => one.visit.assessment === detail.visit?.assessment && one.visit.subject === detail.visit?.subject).forEach((one) => one.facts.get(detail.fact)?.refresh()));
  trip.addEventListener("said", ({ detail }) => views.filter((one) => one.visit === detail.visit).forEach((one) => one.refresh()));
  trip.addEventListener("status", told);
  put(page, h("div.zo-top", {}, status), banner, main);
  draw();
  told();
}

/** The last word on what was looked at. */
function conclude(trip, visit) {
  const buttons = h("div.zf-options", { role: "group", "aria-label": "看过以后的意见" });
  const form = h("div.zo-form");
  const state = h("div", { "aria-live": "polite" });
  let open = trip.draft(visit).open ?? false;
  const keep = (more) => trip.setDraft(visit, { ...trip.draft(visit), ...more });
  const choose = (verdict) => {
    open = verdict === "adjust";
    if (open) keep({ open });
    else trip.say(visit, verdict, null, verdict === "site" ? visit.reason : null);
    refresh();
  };
  const fill = () => {
    const said = trip.said(visit);
    const draft = trip.draft(visit);
    const points = pointsField(visit.levels, visit.points, draft.points ?? (said.verdict === "adjust" ? said.points : ""), (text) => keep({ points: text }));
    const why = h("textarea", { rows: 3, value: draft.reason ?? (said.verdict === "adjust" ? said.reason : ""), maxLength: 2000, "aria-label": "调整的理由", placeholder: "写明看到什么，学校会看到" });
    why.addEventListener("input", () => keep({ reason: why.value }));
    const missing = h("p.zf-error", { role: "alert" });
    const save = () => {
      if (!points.value || !why.value.trim()) return say(missing, "分数和理由都要写。");
      open = false;
      trip.say(visit, "adjust", points.value, why.value.trim());
      return refresh();
    };
    return [points.element, why, h("div.zf-row", {}, h("button.zf-button.zo-lead", { type: "button", onclick: save }, "保存调整"), h("button.zf-quiet", { type: "button", onclick: cancel }, "取消")), missing];
  };
  const cancel = () => {
    open = false;
    trip.setDraft(visit, {});
    refresh();
  };
  const refresh = () => {
    const said = trip.said(visit);
    const entry = trip.saying(visit);
    put(buttons, ["agree", "adjust", "site"].map((one) => h("button.zf-option", { type: "button", disabled: !visit.open, role: "radio", "aria-checked": String((open ? "adjust" : said.verdict) === one), onclick: () => choose(one) }, one === "site" ? "还要再看" : VERDICTS[one])));
    if (!open) put(form);
    else if (!form.childElementCount) put(form, fill());
    const words = (value) => (value ? `${VERDICTS[value.verdict]}${value.points !== null ? ` ${value.points} 分` : ""}${value.reason ? `：${value.reason}` : ""}` : "没有意见");
    if (entry?.conflict) {
      put(state, h("div.zf-conflict", { role: "alert" }, h("p", {}, "这一项的意见在别处也改过，请选一个："),
        h("button.zf-button", { type: "button", onclick: () => trip.settle(visit, null, false) }, `用那边的：${words(entry.conflict.theirs?.value)}`),
        h("button.zf-button", { type: "button", onclick: () => trip.settle(visit, null, true) }, `用这里的：${words(entry.value)}`)));
    } else if (entry?.error) put(state, h("p.zf-error", { role: "alert" }, `没有存上：${entry.error}`), h("button.zf-quiet", { type: "button", onclick: () => trip.giveUp(visit, null) }, "放弃这处改动"));
    else put(state, said.verdict !== "site" && h("p", {}, words(said)), entry && h("p.zf-hint", {}, "已记在本机，还没有传上去"));
  };
  refresh();
  return { element: h("div.zo-conclusion", {}, h("h4", {}, "看过以后"), buttons, form, state), refresh };
}

const MEMORY = "zhunsheng-onsite-place";

function remember(key) {
  try {
    sessionStorage.setItem(MEMORY, key ?? "");
  } catch {
    // Then a refresh begins with all places.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(MEMORY) || null;
  } catch {
    return null;
  }
}

function refusal(trip, blocked) {
  const again = h("button.zf-button", { type: "button", onclick: () => trip.queue.unblock() }, "再试一次");
  if (blocked.status !== 401) return [h("p", {}, `${blocked.message}没有传上去的都留在这台机器上。`), again];
  return [h("p", {}, "登录已经结束。没有传上去的都留在这台机器上，重新登录后会自动传。"), h("div.zf-row", {}, h("a.zf-button", { href: "/sign-in?next=/onsite", target: "_top" }, "重新登录"), again)];
}
