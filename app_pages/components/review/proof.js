// Evidence as it is looked at: small in the list, large over the page. What is shown is always the server's own copy.

import { bytes, h, moment, put } from "../shared/dom.js";

const WARNED = new Set(["same_elsewhere", "alike_elsewhere", "expired", "lapsed", "taken_outside"]);

/** What opening a piece gives: picture, pdf, text, or nothing but the file itself. */
function shows(piece) {
  if (piece.kind === "pdf") return piece.preview ? "scan" : "pdf";
  return !piece.preview ? "" : piece.width ? "picture" : "text";
}

/** The pieces of one fact; `open(piece)` shows one large. */
export function proofs(desk, known, open) {
  if (!known.length) return h("p.zr-none", {}, "没有附证据");
  return h("ul.zr-proofs", {}, known.map((one) => {
    const piece = desk.piece(one);
    const small = ["picture", "scan"].includes(shows(piece));
    const said = [bytes(piece.size), piece.dated && `出具于 ${piece.dated}`, piece.valid_until && `有效期到 ${piece.valid_until}`, piece.issuer, piece.taken_at && `拍摄于 ${moment(piece.taken_at)}`];
    return h("li", {},
      h("button.zr-proof", { type: "button", data: { piece: piece.id }, onclick: () => open(piece) },
        small ? h("img", { src: `${desk.base}/evidence/${piece.id}/preview`, alt: "", loading: "lazy" }) : h("span.zf-kind", { "aria-hidden": "true" }, (piece.kind || "文件").toUpperCase()),
        h("span.zf-name", {}, piece.title || piece.name)),
      h("span.zf-hint", {}, said.filter(Boolean).join("，")),
      piece.flags.map((flag) => h("p.zr-flag", { data: { grave: WARNED.has(flag.code) ? "yes" : "no" } }, flag.text)));
  }));
}

/** The viewer. Returns {element, show(pieces, piece), open}. */
export function viewer(desk) {
  const stage = h("div.zr-stage");
  const title = h("strong.zf-name");
  const about = h("p.zf-hint");
  const save = h("a.zf-button", { target: "_blank", rel: "noopener" }, "下载原件");
  const box = h("dialog.zr-viewer", { "aria-label": "查看证据" });
  let pieces = [];
  let now = 0;

  const turn = (by) => {
    if (pieces.length < 2) return;
    now = (now + by + pieces.length) % pieces.length;
    draw();
  };
  const draw = () => {
    const piece = pieces[now];
    put(title, `${piece.title || piece.name}${pieces.length > 1 ? `（${now + 1} / ${pieces.length}）` : ""}`);
    put(about, [piece.title && piece.name, bytes(piece.size), ...piece.flags.map((flag) => flag.text)].filter(Boolean).join("　"));
    save.href = `${desk.base}/evidence/${piece.id}`;
    const path = `${desk.base}/evidence/${piece.id}`;
    const whole = () => put(stage, h("iframe", { src: `${path}?inline=true`, title: piece.name }));
    const kind = shows(piece);
    if (kind === "pdf") return whole();
    if (kind === "text") return text(`${path}/preview`);
    if (!kind) return put(stage, h("p", {}, "这种文件不能在页面里看，请下载原件查看。"));
    const picture = h("img", { src: `${path}/preview`, alt: piece.title || piece.name });
    const zoom = () => stage.classList.toggle("zr-zoomed");
    return put(stage, h("button.zr-zoom", { type: "button", "aria-label": "放大或缩小", onclick: zoom }, picture),
      kind === "scan" && h("button.zf-button", { type: "button", onclick: whole }, "看全文"));
  };
  const text = async (path) => {
    put(stage, h("p.zf-hint", {}, "正在取……"));
    try {
      const reply = await fetch(path, { credentials: "same-origin" });
      put(stage, reply.ok ? h("pre", {}, await reply.text()) : h("p", {}, "现在取不到，请稍后再试，或下载原件查看。"));
    } catch {
      put(stage, h("p", {}, "现在连不上服务器，请稍后再试。"));
    }
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") turn(1);
    if (event.key === "ArrowLeft") turn(-1);
    event.stopPropagation();
  });
  box.addEventListener("close", () => put(stage));
  box.append(
    h("header", {}, title, h("div.zf-row", {},
      h("button.zf-button", { type: "button", onclick: () => turn(-1) }, "上一份"),
      h("button.zf-button", { type: "button", onclick: () => turn(1) }, "下一份"),
      save,
      h("button.zf-button", { type: "button", onclick: () => box.close() }, "关闭"))),
    about, stage);
  return {
    element: box,
    show(all, piece) {
      pieces = all.map((one) => desk.piece(one));
      now = Math.max(0, pieces.findIndex((one) => one.id === piece.id));
      stage.classList.remove("zr-zoomed");
      box.showModal();
      draw();
    },
    get open() {
      return box.open;
    },
  };
}
