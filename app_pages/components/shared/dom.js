// Elements made by hand: no framework, no markup from text.

/** Make an element: `h("button.primary", {type: "button", onclick}, "保存")`. Text is always text. */
export function h(name, props = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key in made && typeof made[key] !== "object" && !key.startsWith("aria")) made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  fill(made, children);
  return made;
}

/** Put children in the place of whatever an element holds. */
export function put(element, ...children) {
  element.replaceChildren();
  fill(element, children);
  return element;
}

function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Change an element's text only when it is another one, so that readers of the screen are told once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// All times are told in Beijing's. A format is made once: making one takes longer than a whole question to draw.
const BEIJING = { timeZone: "Asia/Shanghai" };
const CLOCK = new Intl.DateTimeFormat("zh-CN", { ...BEIJING, hour: "2-digit", minute: "2-digit", hour12: false });
const MOMENT = new Intl.DateTimeFormat("sv-SE", { ...BEIJING, dateStyle: "short", timeStyle: "short" });

/** Hours and minutes of a moment. */
export function clock(at) {
  return CLOCK.format(at instanceof Date ? at : new Date(at));
}

/** A day and time as all pages write them: 2026-10-12 19:54. */
export function moment(at) {
  return MOMENT.format(new Date(at));
}

/** Sizes as people read them. */
export function bytes(count) {
  if (count < 1024) return `${count} 字节`;
  if (count < 1024 * 1024) return `${Math.round(count / 1024)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}

/** Do something a moment later, once for however many asked: what need not stand in the same picture as the score. */
export function soon(work) {
  let waiting = 0;
  return () => {
    waiting ||= setTimeout(() => {
      waiting = 0;
      work();
    }, 250);
  };
}
