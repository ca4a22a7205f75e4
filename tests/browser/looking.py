"""Ways to look at a page as somebody would: for words that are not Chinese, for what bars people, for what sticks out."""

import functools
import re
from pathlib import Path

import axe_playwright_python

ROOT = Path(__file__).resolve().parents[2]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

# Words ----------------------------------------------------------------------------------------------------------------

LATIN = """() => {
  const found = [document.title], roots = [document.body], latin = (text) => /[A-Za-z]{2}/.test(text ?? "");
  const names = ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "title", "alt"];
  const picture = (element) => element.closest("script, style, noscript") || getComputedStyle(element).fontFamily.includes("Material Symbols");
  const look = (element) => {
    if (!element.checkVisibility()) return;
    for (const name of names) if (latin(element.getAttribute(name))) found.push(`${name}: ${element.getAttribute(name)}`);
    if (element.shadowRoot) roots.push(element.shadowRoot);
  };
  look(document.body);
  while (roots.length) {
    const root = roots.pop(), walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (node.nodeType === Node.ELEMENT_NODE) look(node);
      else if (!node.parentElement) found.push(node.nodeValue);
      else if (!picture(node.parentElement) && node.parentElement.checkVisibility()) found.push(node.nodeValue);
    }
  }
  return [...new Set(found.filter(latin).map((text) => text.trim()))];
}"""
"""Everything that is written or said on a page with two Latin letters in a row, in shadow roots as well."""

ALLOWED = {
    r"^(title|alt|placeholder|aria-[a-z]+): ": "where the words stand",
    r"\b(PDF|Excel|JSON|CSV|ZIP|YAML|SVG|PNG|JPG|JPEG|HEIC|WebP|DOCX|XLSX)\b": "kinds of files, as people call them",
    r"\b(Esc|Enter|Tab|Ctrl)\b": "keys, as they are printed on them",
    r"\b(KB|MB|GB)\b|\bSHA-256\b": "units, and how a fingerprint is taken",
    r"\b(HACCP|ISO|GB|LED)\b": "words of the standards",
    r"\b[a-z0-9]+(?:[/._-][a-z0-9_]+)+\b": "numbers of indicators, facts and editions, logins, names of files",
    r"（[a-z0-9-]+）": "numbers of samples behind their titles",
    r"^(admin|observer|secretariat)$": "logins",
    "zhangsan": "an example of a login",
    r"^at [0-9T:.-]+Z$|— zhunsheng/|[A-Za-z0-9+/]{40,}=*": "lines of a checkpoint, as they are kept elsewhere",
    r"\b[0-9a-f]{8,}\b": "hashes and ids",
    r"\b[0-9A-HJKMNP-TV-Z]{26}\b": "ids",
}
"""What may be in Latin letters, and why."""

_ALLOWED = re.compile("|".join(f"(?:{one})" for one in ALLOWED))


def left(text):
    """Return what is left of a text in Latin letters without what may be there."""
    last = text.split("　")[-1].removeprefix("+")
    text = text.removesuffix(last) if last in numbers() else text
    return " ".join(re.findall("[A-Za-z]{2,}", _ALLOWED.sub("", text)))


@functools.cache
def numbers():
    """Return what indicators, vetoes and grades are called in rule files where that is a single word."""
    files = (ROOT / "rules").rglob("*.yaml")
    return {found for file in files for found in re.findall(r"\bid: ([a-z]+)\b", file.read_text("utf-8"))}


def english(page):
    """Return the texts of a page in which English is left."""
    return [text for text in page.evaluate(LATIN) if left(text)]


# Barriers -------------------------------------------------------------------------------------------------------------

THEIRS: dict[tuple[str, str], str] = {}
"""Barriers that the pages' library raises and we cannot take away: rule and selector, with the reason."""

RUN = """async ([source, rules]) => {
  if (!window.axe) (0, eval)(source);
  const options = { resultTypes: ["violations"], ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}) };
  const { violations } = await axe.run(document, options);
  return violations.filter((one) => ["serious", "critical"].includes(one.impact)).flatMap((one) =>
    one.nodes.map((node) => [one.id, node.target.flat().join(" "), node.html.slice(0, 200), (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""]));
}"""


def barriers(page, *rules):
    """Return what serious and critical violations axe finds, by all rules or by some."""
    found = page.evaluate(RUN, [AXE, list(rules)])
    return [
        " · ".join(one)
        for one in found
        if not any(one[0] == rule and re.search(where, one[1]) for rule, where in THEIRS)
    ]


# Room -----------------------------------------------------------------------------------------------------------------

WIDE = """() => {
  const roots = [document.body];
  const found = [document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => `${one.tagName} scrolls to the side`);
  while (roots.length) {
    const root = roots.pop();
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      if (element.closest("[data-testid=stSidebar]")) continue;  // folded away beside the screen
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || (box.right <= innerWidth + 1 && box.left >= -1)) continue;
      let around = element.parentElement ?? element.getRootNode().host;
      while (around && !/auto|scroll|hidden|clip/.test(getComputedStyle(around).overflowX)) around = around.parentElement ?? around.getRootNode().host;
      const frame = around?.getBoundingClientRect();
      if (frame && around !== document.body && !around.matches("[data-testid=stMain], [data-testid=stAppViewContainer], [data-testid=stApp]") && frame.right <= innerWidth + 1 && frame.left >= -1) continue;
      found.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
    }
  }
  return found;
}"""
"""What leaves the screen to the side, and cannot be brought in by scrolling a box of its own."""


def too_wide(page):
    """Return what does not fit the width of the screen."""
    return page.evaluate(WIDE)
