// Evidence: brought in parts, so that a cut goes on where it broke off; shown by the server's own previews.

import { bytes, h, moment, put } from "../shared/dom.js";
import { Offline, operation, Refused } from "../shared/net.js";

const WAITS = [1, 2, 4, 8, 15, 30];
const rest = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Unfinished uploads are remembered by name and size, so that picking the same file again goes on with it. */
const memory = {
  key: (where, file) => `zhunsheng-upload:${where}:${file.name}:${file.size}:${file.lastModified}`,
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {
      // An upload then begins anew after the page was closed; nothing else is lost.
    }
  },
};

/** Bring a file; `progress(part)` hears how far it is (0 to 1) and `waiting(true)` when the connection is gone. */
export async function upload(call, where, file, progress, waiting, stopped) {
  const key = memory.key(`${where.assessment}:${where.subject}:${where.fact}`, file);
  const patient = async (work) => {
    for (let tries = 0; ; tries += 1) {
      try {
        const done = await work();
        waiting(false);
        return done;
      } catch (error) {
        const passing = error instanceof Offline || (error instanceof Refused && error.passing);
        if (!passing || stopped()) throw error;
        waiting(true);
        await rest(Math.max(WAITS[Math.min(tries, WAITS.length - 1)], error.wait || 0));
      }
    }
  };
  const plan = memory.get(key) ?? { begin: operation(), finish: operation() };
  memory.set(key, plan);
  const path = `/assessments/${where.assessment}/subjects/${where.subject}/uploads/${where.fact}`;
  try {
    const begun = await patient(() => call("POST", path, { op: plan.begin, body: { name: file.name, size: file.size } }));
    const arrived = new Set(begun.arrived);
    const parts = Math.max(1, Math.ceil(file.size / begun.part_size));
    for (let number = 0; number < parts; number += 1) {
      if (stopped()) throw new Offline("已停止");
      if (!arrived.has(number)) {
        const part = file.slice(number * begun.part_size, (number + 1) * begun.part_size);
        await patient(() => call("PUT", `/uploads/${begun.id}/chunks/${number}`, { raw: part, patience: 120000 }));
      }
      progress((number + 1) / (parts + 1));
    }
    const piece = await patient(() => call("POST", `/uploads/${begun.id}/finish`, { op: plan.finish, body: {}, patience: 120000 }));
    memory.set(key, null);
    progress(1);
    return piece;
  } catch (error) {
    if (error instanceof Refused) memory.set(key, null);
    throw error;
  }
}

/** The shelf of one question: what is there, what is on its way, and ways to bring more. */
export function shelf({ sheet, fact, question, readonly }) {
  const list = h("ul.zf-files");
  const way = h("ul.zf-files.zf-coming", { "aria-live": "polite" });
  const input = h("input", { type: "file", multiple: true, hidden: true, "aria-label": `为“${question.title}”添加证据` });
  const add = h("button.zf-button", { type: "button", onclick: () => input.click() }, "添加文件或拍照");
  const reuse = h("button.zf-quiet", { type: "button", onclick: () => pick() }, "用已有的文件");
  const choices = h("div.zf-reuse", { hidden: true });
  const element = h("div.zf-shelf", {}, list, way, !readonly && h("div.zf-row", {}, add, reuse, input), choices);

  const bring = (files) => [...files].forEach((file) => coming(file));
  input.addEventListener("change", () => {
    bring(input.files);
    input.value = "";
  });
  if (!readonly) {
    for (const name of ["dragenter", "dragover"]) {
      element.addEventListener(name, (event) => {
        if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
        event.preventDefault();
        element.classList.add("zf-over");
      });
    }
    element.addEventListener("dragleave", () => element.classList.remove("zf-over"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("zf-over");
      bring(event.dataTransfer.files);
    });
  }

  const coming = async (file) => {
    let stop = false;
    const bar = h("progress", { max: 1, value: 0, "aria-label": `${file.name} 的上传进度` });
    const said = h("span.zf-hint", {}, "正在上传");
    const quit = h("button.zf-quiet", { type: "button", onclick: () => ((stop = true), line.remove()) }, "停止");
    const line = h("li", {}, h("span.zf-name", {}, `${file.name}（${bytes(file.size)}）`), bar, said, quit);
    way.append(line);
    sheet.uploading(1);
    try {
      const where = { assessment: sheet.assessment, subject: sheet.subject, fact };
      const waiting = (on) => put(said, on ? "连接断了，恢复后从断点接着传" : "正在上传");
      const piece = await upload(sheet.call, where, file, (part) => (bar.value = part), waiting, () => stop);
      line.remove();
      sheet.added(piece);
    } catch (error) {
      if (stop) return;
      bar.remove();
      quit.remove();
      line.classList.add("zf-bad");
      put(said, error.message);
      line.append(h("button.zf-quiet", { type: "button", onclick: () => line.remove() }, "知道了"));
    } finally {
      sheet.uploading(-1);
    }
  };

  const remove = async (piece) => {
    if (!window.confirm(`移除“${piece.title || piece.name}”？移除后不再计入，但会留在记录里。`)) return;
    try {
      await sheet.call("POST", `/evidence/${piece.id}/removal`, { op: operation(), body: {} });
      sheet.removed(piece);
    } catch (error) {
      sheet.notice(error.message);
    }
  };

  const pick = () => {
    const own = new Set(sheet.pieces(fact).map((one) => one.sha256));
    const others = [...new Map(sheet.everyPiece().filter((one) => !own.has(one.sha256)).map((one) => [one.sha256, one])).values()];
    choices.hidden = !choices.hidden;
    put(choices, others.length
      ? others.map((one) => h("button.zf-reused", { type: "button", onclick: () => take(one) }, picture(one), h("span", {}, one.title || one.name)))
      : h("p.zf-hint", {}, "这次评定里还没有别的文件。"));
  };
  const take = async (piece) => {
    const body = { assessment: sheet.assessment, subject: sheet.subject, fact };
    try {
      sheet.added(await sheet.call("POST", `/evidence/${piece.id}/reuse`, { op: operation(), body }));
      choices.hidden = true;
    } catch (error) {
      sheet.notice(error.message);
    }
  };

  const picture = (piece) => piece.preview && (piece.width || piece.kind === "pdf")
    ? h("img", { src: `${sheet.base}/evidence/${piece.id}/preview`, alt: "", loading: "lazy" })
    : h("span.zf-kind", { "aria-hidden": "true" }, (piece.kind || "文件").toUpperCase());

  const draw = () => put(list, sheet.pieces(fact).map((piece) => h("li", {},
    h("a.zf-file", { href: `${sheet.base}/evidence/${piece.id}`, target: "_blank", rel: "noopener" },
      picture(piece), h("span.zf-name", {}, piece.title || piece.name)),
    h("span.zf-hint", {}, [bytes(piece.size), piece.taken_at && `拍摄于 ${moment(piece.taken_at)}`, ...(piece.flags ?? []).map((one) => one.text ?? one)].filter(Boolean).join("，")),
    !readonly && h("button.zf-quiet", { type: "button", "aria-label": `移除 ${piece.title || piece.name}`, onclick: () => remove(piece) }, "移除"))));
  draw();
  return { element, draw };
}
