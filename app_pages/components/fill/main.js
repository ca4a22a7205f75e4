// The page where people fill in: sections on the left, questions in the middle, the score always in sight.

import { clock, h, moment, put, say, soon } from "../shared/dom.js";
import { caller } from "../shared/net.js";
import { basisView, ruleView } from "../shared/rule.js";
import { questionView } from "./question.js";
import { range, scoreCard } from "./score.js";
import { Sheet } from "./sheet.js";

const SOON = 300; // milliseconds that saving may take before it is mentioned

/** Put the page into `root`. `given`: base, account, assessment, subject. Returns a function that takes it away. */
export function mount(root, given) {
  const { base, account, assessment, subject } = given;
  const page = h("div.zf", { data: { subject } }, h("p.zf-hint", {}, "正在打开……"));
  root.append(page);
  const sheet = new Sheet({ call: caller(base, account), base, account, assessment, subject });
  sheet.open().then(
    () => sheet.closed || show(page, sheet, given),
    (error) => sheet.closed || put(page, h("p.zf-error", { role: "alert" }, error.message, " "), h("button.zf-button", { type: "button", onclick: () => window.location.reload() }, "重新打开")),
  );
  return () => {
    sheet.close();
    page.remove();
  };
}

function show(page, sheet, given) {
  const views = new Map(); // fact -> views on the page
  const memory = `zhunsheng-section:${sheet.assessment}:${sheet.subject}`;
  const sections = sheet.standard.sections;
  let current = sections.find((one) => one.id === remembered(memory)) ?? sections.find((one) => facts(one).some((fact) => sheet.asked.has(fact))) ?? sections[0];
  let onlyOpen = false;

  const main = h("main.zf-main", { tabIndex: -1 });
  const nav = h("nav.zf-nav", { "aria-label": "分区" });
  const status = h("p.zf-status", { role: "status", "aria-live": "polite" });
  const notice = h("div.zf-notice", { role: "alert", hidden: true });
  const banner = h("div.zf-banner", { hidden: true, role: "alert" });

  const go = (id, fact) => {
    current = sections.find((one) => one.id === id) ?? current;
    try {
      sessionStorage.setItem(memory, current.id);
    } catch {
      // Then a refresh begins with the first section.
    }
    draw();
    tree();
    if (!fact) return main.scrollIntoView({ block: "start" });
    const found = views.get(fact)?.[0];
    found?.element.scrollIntoView({ block: "center" });
    return found?.focus();
  };
  const goFact = (fact) => {
    const home = sections.find((one) => facts(one).includes(fact));
    if (home) go(home.id, fact);
  };

  const draw = () => {
    views.clear();
    const seen = new Set();
    const at = sections.indexOf(current);
    put(main,
      h("header.zf-sechead", {}, h("h2", {}, current.title), current.points && h("span.zf-num", {}, `${current.points} 分`),
        h("label.zf-check", {}, only(), "只看没填的")),
      current.groups.map((group) => groupView(group, seen)),
      h("div.zf-row.zf-turn", {},
        at > 0 && h("button.zf-button", { type: "button", onclick: () => go(sections[at - 1].id) }, `上一区：${sections[at - 1].title}`),
        at < sections.length - 1 && h("button.zf-button", { type: "button", onclick: () => go(sections[at + 1].id) }, `下一区：${sections[at + 1].title}`)));
  };
  const only = () => {
    const box = h("input", { type: "checkbox", checked: onlyOpen });
    box.addEventListener("change", () => {
      onlyOpen = box.checked;
      draw();
    });
    return box;
  };
  const groupView = (group, seen) => {
    const items = group.items.map((item) => itemView(item, seen)).filter(Boolean);
    return items.length ? h("section.zf-group", {}, group.title && h("h3", {}, group.title), items) : null;
  };
  const itemView = (item, seen) => {
    const mine = item.facts.filter((fact) => sheet.asked.has(fact));
    const fresh = mine.filter((fact) => !seen.has(fact));
    const shown = onlyOpen ? fresh.filter((fact) => sheet.lacks(fact)) : fresh;
    fresh.forEach((fact) => seen.add(fact));
    const elsewhere = item.facts.filter((fact) => !sheet.asked.has(fact));
    if (onlyOpen && !shown.length) return null;
    const made = shown.map((fact) => {
      const view = questionView(sheet, fact);
      views.set(fact, [...(views.get(fact) ?? []), view]);
      return view.element;
    });
    const before = mine.filter((fact) => !fresh.includes(fact)).map((fact) => sheet.question(fact).title);
    return h("article.zf-item", { id: `i-${item.id}`, data: { item: item.id } },
      h("header", {},
        h("h4", {}, item.key && h("span.zf-key", { title: "关键项" }, "★"), item.title),
        number(item) && h("code", {}, number(item)), item.kind === "veto" ? h("span.zf-tag", {}, item.effect) : points(item)),
      more(item), item.claimable && claimView(sheet, item),
      made,
      before.length > 0 && h("p.zf-hint", {}, `还用到上面已经问过的：${before.join("、")}`),
      elsewhere.length > 0 && h("p.zf-hint", {}, `${otherSeat(sheet)}：${elsewhere.map((fact) => sheet.question(fact)?.title ?? fact).join("、")}`),
      !mine.length && !elsewhere.length && h("p.zf-hint", {}, "这一项由评审专家评定，不用填。"));
  };
  const points = (item) => {
    const mark = sheet.marks.get(item.id);
    return h("span.zf-points", { data: { points: item.id } }, mark ? `${range(mark)} / ${mark.points} 分` : item.points ? `${item.points} 分` : "");
  };

  const rows = sections.map((one) => {
    const [count, bar, busy] = [h("span.zf-num"), h("progress"), h("span.zf-busy")];
    const button = h("button", { type: "button", onclick: () => go(one.id) }, h("span.zf-navtitle", {}, one.title), count, bar, busy);
    return { one, button, count, bar, busy, asked: facts(one) };
  });
  put(nav, h("ol", {}, rows.map(({ button }) => h("li", {}, button))));
  const tree = () => { // changed in place: somebody may stand on it with the keyboard
    for (const { one, button, count, bar, busy, asked } of rows) {
      const own = asked.filter((fact) => sheet.asked.has(fact));
      const missing = sheet.lackingOf(own);
      const people = sheet.people.filter((person) => asked.includes(person.fact)).map((person) => person.name);
      if (one === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      say(count, howFar(own.length, missing));
      bar.hidden = own.length === 0;
      bar.max = own.length || 1;
      bar.value = own.length - missing;
      bar.setAttribute("aria-label", `${one.title}：${own.length} 个问题，还缺 ${missing} 个`);
      busy.hidden = !people.length;
      say(busy, people.length ? `${people.join("、")}正在填` : "");
    }
  };

  let telling = 0;
  const told = () => {
    const now = sheet.status ?? {};
    const blocked = now.blocked;
    banner.hidden = !blocked;
    if (blocked) put(banner, refusal(sheet, blocked));
    status.dataset.state = blocked ? "blocked" : now.offline ? "offline" : now.stuck ? "stuck" : now.waiting || now.busy ? "busy" : "saved";
    const parts = [];
    if (now.offline) parts.push(`现在连不上，${now.waiting} 处已存在本机，连上后自动保存`);
    else if (now.waiting || now.busy) parts.push("正在保存……");
    else if (sheet.lastSaved) parts.push(`已保存 ${clock(sheet.lastSaved)}`);
    else parts.push(sheet.form.may_save ? "改动会自动保存" : (sheet.form.why_not ? `${sheet.form.why_not.what}` : "只能看，不能改"));
    if (now.stuck) parts.push(`有 ${now.stuck} 处要您看一下`);
    if (sheet.running) parts.push(`${sheet.running} 个文件正在上传`);
    if (now.durable === false) parts.push("这个浏览器存不下草稿，请不要在断网时关掉页面");
    clearTimeout(telling);
    const tell = () => say(status, parts.join("；"));
    if (status.dataset.state === "busy" && sheet.lastSaved) telling = setTimeout(tell, SOON);
    else tell();
  };

  const treeSoon = soon(tree);
  const refresh = (fact) => (views.get(fact) ?? []).forEach((one) => one.refresh());
  sheet.addEventListener("answer", ({ detail }) => {
    refresh(detail.fact);
    treeSoon();
  });
  sheet.addEventListener("offers", () => views.forEach((all) => all.forEach((one) => one.offers())));
  sheet.addEventListener("files", ({ detail }) => views.forEach((all, fact) => (!detail.fact || detail.fact === fact) && all.forEach((one) => one.files())));
  sheet.addEventListener("people", treeSoon);
  sheet.addEventListener("status", told);
  sheet.addEventListener("notice", ({ detail }) => {
    notice.hidden = false;
    put(notice, detail.text, " ", h("button.zf-link", { type: "button", onclick: () => (notice.hidden = true) }, "知道了"));
  });
  sheet.addEventListener("score", treeSoon);
  sheet.addEventListener("score", ({ detail }) => {
    for (const id of detail.changed) {
      const cell = main.querySelector(`[data-points="${CSS.escape(id)}"]`);
      const mark = sheet.marks.get(id);
      if (cell && mark) say(cell, `${range(mark)} / ${mark.points} 分`);
    }
  });
  const again = () => {
    draw();
    tree();
    told();
  };
  sheet.addEventListener("reload", again);
  sheet.addEventListener("moved", () => sheet.reload());

  const goItem = (id, item) => {
    go(id);
    main.querySelector(`#i-${CSS.escape(item)}`)?.scrollIntoView({ block: "start" });
  };
  put(page,
    head(sheet, given, goFact, goItem), banner, notice,
    h("div.zf-body", {}, h("div.zf-left", {}, nav), main, h("div.zf-right", {}, status, scoreCard(sheet, goFact, (id) => go(id)))));
  again();
  const wanted = window.location.hash.replace("#i-", "");
  const home = wanted && sections.find((one) => one.groups.some((group) => group.items.some((item) => item.id === wanted)));
  if (home) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search); // a refresh stays where one is
    goItem(home.id, wanted);
  }
}

const number = (item) => (item.id.startsWith("+") ? "" : item.id); // what the engine gathers has no number of its own
const facts = (section) => [...new Set(section.groups.flatMap((group) => group.items.flatMap((item) => item.facts)))];

const otherSeat = (sheet) => (sheet.form.seats.find((one) => one.id === sheet.subject)?.is_university ? "在各处分别填写" : "在学校一栏统一填写");

function remembered(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function refusal(sheet, blocked) {
  const again = h("button.zf-button", { type: "button", onclick: () => sheet.queue.unblock() }, "再试一次");
  if (blocked.status === 401) {
    return [h("p", {}, "登录已经结束。没有存上的内容都留在这台机器上，重新登录后会自动保存。"),
      h("div.zf-row", {}, h("a.zf-button", { href: `/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`, target: "_top" }, "重新登录"), again)];
  }
  return [h("p", {}, `${blocked.message}没有存上的内容都留在这台机器上。`), again];
}

/** The rule, its conditions, what to do about lost points, and where all this comes from. */
function more(item) {
  return h("details.zf-more", {}, h("summary", {}, item.kind === "veto" ? "怎么算触碰、依据" : "计分规则与依据"),
    item.rule && ruleView(item.rule),
    (item.conditions ?? []).map((one) => h("p", {}, one)),
    item.fix && h("p", {}, `失分怎么办：${item.fix}`),
    item.note && h("p", {}, `说明：${item.note}`),
    (item.basis ?? []).map(basisView));
}

function claimView(sheet, item) {
  const reason = sheet.claim(item.id);
  const text = h("textarea", { rows: 2, value: reason ?? "", readOnly: !sheet.form.may_save, "aria-label": `${item.title}：为什么不适用`, placeholder: "写明理由，例如：本校没有清真窗口" });
  const box = h("input", { type: "checkbox", checked: Boolean(reason), disabled: !sheet.form.may_save });
  const area = h("div.zf-claimed", { hidden: !reason }, text);
  let composing = false;
  const tell = (now) => !composing && sheet.setClaim(item.id, text.value.trim() || null, now);
  text.addEventListener("compositionstart", () => (composing = true));
  text.addEventListener("compositionend", () => {
    composing = false;
    tell(false);
  });
  text.addEventListener("input", () => tell(false));
  text.addEventListener("change", () => tell(true));
  box.addEventListener("change", () => {
    area.hidden = !box.checked;
    if (box.checked) text.focus();
    else {
      text.value = "";
      if (sheet.claim(item.id)) sheet.setClaim(item.id, null, true);
    }
  });
  return h("div.zf-claim", {}, h("label.zf-check", {}, box, "这一项不适用本单位（申报缺项，要写理由）"), area);
}

const howFar = (asked, missing) => (asked === 0 ? "不用填" : missing === 0 ? "已填完" : `缺 ${missing}`);

function head(sheet, given, goFact, goItem) {
  const { form } = sheet;
  const options = new Map(form.seats.map((one) => [one.id, h("option", { value: one.id, selected: one.id === sheet.subject })]));
  const seats = h("select", { "aria-label": "填哪一处" }, [...options.values()]);
  const count = () => sheet.form.seats.forEach((one) => say(options.get(one.id), `${one.title}（${howFar(one.asked, sheet.missingIn(one))}）`));
  const countSoon = soon(count);
  for (const change of ["answer", "score", "reload"]) sheet.addEventListener(change, countSoon);
  count();
  seats.addEventListener("change", () => given.choose?.("subject", seats.value));
  const others = form.seats.filter((one) => one.id !== sheet.subject && !one.is_university);
  const own = form.seats.find((one) => one.id === sheet.subject);
  const copy = h("select", { "aria-label": "从另一处复制没填的答案" }, h("option", { value: "" }, "从另一处复制……"), others.map((one) => h("option", { value: one.id }, one.title)));
  copy.addEventListener("change", async () => {
    if (!copy.value) return;
    try {
      const count = await sheet.copyFrom(copy.value);
      sheet.notice(count ? `复制了 ${count} 个答案，只填了原来空着的。请逐项核对。` : "没有可以复制的：这里空着的，那里也没有填。");
    } catch (error) {
      sheet.notice(error.message);
    }
    copy.value = "";
  });
  const carry = h("button.zf-quiet", { type: "button", onclick: async () => {
    try {
      const done = await sheet.carryOver();
      sheet.notice(`从“${done.round_title}”沿用了 ${done.count} 个答案，都标着“沿用上一批次”，请逐项核对。`);
    } catch (error) {
      sheet.notice(error.message);
    }
  } }, "沿用上一批次");
  return h("header.zf-top", {},
    h("div.zf-title", {}, h("strong", {}, sheet.standard.title), h("span.zf-tag", {}, sheet.standard.status), h("span.zf-tag", {}, form.state),
      form.until && h("span.zf-hint", {}, `截止 ${moment(form.until)}`)),
    h("div.zf-row", {},
      form.seats.length > 1 && seats, form.may_save && others.length > 0 && !own?.is_university && copy, form.may_save && carry, search(sheet, goFact, goItem)));
}

/** Find a question or an item by words or by number. */
function search(sheet, goFact, goItem) {
  const input = h("input", { type: "search", placeholder: "按词或指标号查找", "aria-label": "查找问题或指标" });
  const found = h("ul.zf-found", { hidden: true });
  const entries = sheet.standard.sections.flatMap((section) => section.groups.flatMap((group) => group.items.flatMap((item) => [
    { text: `${item.id} ${item.title}`, title: item.title, hint: `${section.title}　${number(item)}`, go: () => goItem(section.id, item.id) },
    ...item.facts.filter((fact) => sheet.asked.has(fact)).map((fact) => {
      const question = sheet.question(fact);
      return { key: fact, text: `${question.title} ${question.ask} ${fact}`, title: question.ask, hint: section.title, go: () => goFact(fact) };
    })])));
  const look = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const seen = new Set();
    const hits = words.length ? entries.filter((one) => words.every((word) => one.text.toLowerCase().includes(word)) && !(one.key && (seen.has(one.key) || !seen.add(one.key)))) : [];
    found.hidden = !words.length;
    put(found, hits.slice(0, 12).map((one) => h("li", {}, h("button", { type: "button", onclick: () => {
      found.hidden = true;
      one.go();
    } }, h("span", {}, one.title), h("small", {}, one.hint)))), !hits.length && h("li.zf-hint", {}, "没有找到，换一个词试试"));
  };
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") found.hidden = true;
    if (event.key === "Enter") found.querySelector("button")?.click();
  });
  return h("div.zf-search", { role: "search" }, input, found);
}
