"""Somebody who looks at one page after the other, opens what hides there, and writes down what is wrong where."""

import looking
from playwright.sync_api import expect
from site_of import DESK, PHONE


class Tour:
    """Somebody who looks at one page after the other and writes down what is wrong where."""

    def __init__(self, page, site):
        self.page, self.site = page, site
        self.wrong, self.failed = [], []
        self.seen, self.kinds = set(), set()
        page.on("request", self.asked)
        page.on("pageerror", lambda error: self.failed.append(f"script: {error}"))
        page.on("console", self.said)
        page.on("response", lambda got: got.status >= 400 and self.failed.append(f"{got.status} {got.url}"))

    def asked(self, request):
        own = (self.site.address, self.site.address.replace("http:", "ws:"), "data:", "blob:")
        if not request.url.startswith(own):
            self.failed.append(f"elsewhere: {request.url}")

    def said(self, line):
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.failed.append(f"console: {line.text}")

    def size(self, size):
        """Change the size of the window, and wait until the page has followed."""
        self.page.set_viewport_size(size)
        self.page.evaluate(STILL)

    def open(self, address):
        self.page.set_viewport_size(DESK)
        self.page.goto(f"{self.site.address}{address}")
        self.settle()

    def settle(self):
        """Wait until the page is whole."""
        page = self.page
        page.wait_for_load_state("load")
        if page.locator("#root").count():
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            expect(page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0)
            page.wait_for_function(MOUNTED)

    def note(self, where, found):
        self.wrong += [f"{where}: {one}" for one in found]

    def look(self, name, *, deep=True, barriers=True):
        """Look at what is there now, in both sizes, in the light and, where it is new, in the dark."""
        page = self.page
        self.note(name, [] if page.locator("html").get_attribute("lang") == "zh-CN" else ["not zh-CN"])
        self.note(name, page.get_by_test_id("stException").all_text_contents())
        self.note(name, page.get_by_test_id("stAlert").filter(has_text="程序出了意外").all_text_contents())
        self.note(f"{name}, English", looking.english(page))
        self.note(f"{name}, barrier", looking.barriers(page) if barriers else [])
        page.mouse.move(0, 0)
        if deep:
            page.emulate_media(color_scheme="dark")
            page.evaluate(STILL)
            self.note(f"{name}, barrier in the dark", looking.barriers(page, "color-contrast"))
            page.emulate_media(color_scheme="light")
        self.size(PHONE)
        self.note(f"{name}, too wide", looking.too_wide(page))
        self.note(f"{name}, English on a phone", looking.english(page))
        self.note(f"{name}, barrier on a phone", looking.barriers(page) if deep else [])
        self.size(DESK)
        self.note(name, self.failed)
        self.failed.clear()

    def over(self, name, kind):
        """Look at what lies over the page for a moment; for barriers once for each kind."""
        what = f"{name}, {kind}"
        self.note(f"{what}, English", looking.english(self.page))
        if kind not in self.kinds:
            self.kinds.add(kind)
            self.note(f"{what}, barrier", looking.barriers(self.page))

    # What hides ---------------------------------------------------------------------------------------------------

    def unfold(self):
        """Open everything that folds."""
        closed = self.page.locator("[data-testid=stExpander] > details:not([open]) > summary")
        for _ in range(5):  # what is drawn anew in that moment loses the click
            closed.evaluate_all("found => found.forEach((one) => one.click())")
            self.page.evaluate(STILL)
            if not closed.count():
                break
        expect(closed).to_have_count(0)
        self.settle()
        self.page.evaluate(UNFOLD)
        self.page.evaluate(STILL)

    def new(self, what):
        """Return the controls of a kind that nobody has opened on this page yet, by their labels."""
        found = []
        for one in self.page.get_by_test_id(what).locator("visible=true").all():
            label = f"{what} {one.inner_text().splitlines()[0]}"
            if label not in self.seen:
                self.seen.add(label)
                found.append(one)
        return found

    def drop_down(self, name):
        """Open each menu, and look in it for what is not there; open each calendar."""
        page = self.page
        for kind in ("stSelectbox", "stMultiSelect"):
            for one in self.new(kind):
                box = one.locator("input")
                self.drop(box)
                self.over(name, kind)
                if not box.get_attribute("readonly"):
                    box.press_sequentially("没有这个词")
                    self.over(name, f"{kind} without a find")
                self.close("listbox")
        for kind in ("stDateInput", "stDateTimeInput"):
            for one in self.new(kind):
                one.locator("button, input, [role=spinbutton]").last.click()
                page.get_by_role("grid").first.wait_for()
                self.over(name, kind)
                self.close("grid")

    def drop(self, box):
        """Open the menu of a box; it closes by itself when the page is still moving."""
        listed = self.page.get_by_role("listbox")
        for _ in range(3):
            box.click()
            self.page.evaluate(STILL)
            if listed.count():
                return
            self.page.keyboard.press("Escape")
        expect(listed).to_have_count(1)

    def close(self, role):
        """Close what lies over the page; the first key may only take back what was typed."""
        for _ in range(3):
            if not self.page.get_by_role(role).count():
                return
            self.page.keyboard.press("Escape")
            self.page.evaluate(STILL)
        expect(self.page.get_by_role(role)).to_have_count(0)

    def hover(self, name):
        """Bring up what only comes with the mouse: tool bars of charts and tables, tips."""
        page = self.page
        for kind in ("stVegaLiteChart", "stDataFrame", "stTooltipHoverTarget"):
            one = page.get_by_test_id(kind).locator("visible=true")
            if one.count():
                one.first.hover()
                self.over(name, kind)
        menu = page.locator("summary[title], .vega-embed summary").locator("visible=true")
        if menu.count():
            menu.first.click()
            self.over(name, "menu of a chart")
            menu.first.click()

    def whole(self, name):
        """Look at a page with all that hides in it, and at each of its parts."""
        self.all_of(name)
        parts = self.page.get_by_test_id("stButtonGroup").locator("visible=true").locator("button:enabled")
        for place in range(1, parts.count()):
            title = parts.nth(place).inner_text()
            parts.nth(place).click()
            self.settle()
            self.all_of(f"{name} {title}")

    def all_of(self, name):
        self.unfold()
        self.look(name)
        self.drop_down(name)
        self.hover(name)


MOUNTED = """() => [...document.querySelectorAll("[data-testid^=stBidiComponent]")].every((one) => {
  const said = (one.shadowRoot ?? one).querySelector(".zf-root, button")?.textContent;
  return said && !said.includes("正在打开……");
})"""
"""Whether the pages that are components stand there."""

STILL = """async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let before = "", same = 0;
  for (let turn = 0; turn < 60 && same < 4; turn += 1) {
    await drawn();
    const now = [...document.querySelectorAll("[data-testid=stMain], svg, canvas")].map((one) => `${one.clientWidth}x${one.clientHeight}x${one.scrollHeight}`).join();
    same = now === before && !document.getAnimations().some((one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity) ? same + 1 : 0;
    before = now;
  }
}"""
"""Wait until nothing moves any more: sizes are what they were a few pictures ago, and no animation runs."""

UNFOLD = """() => {
  const roots = [document.body];
  while (roots.length) for (const one of roots.pop().querySelectorAll("*")) {
    if (one.shadowRoot) roots.push(one.shadowRoot);
    if (one.tagName === "DETAILS" && !one.closest("[data-testid=stExpander], .vega-embed")) one.open = true;
  }
}"""


# By keys alone --------------------------------------------------------------------------------------------------------

CONTROLS = """() => {
  const found = [], roots = [document];
  while (roots.length) for (const one of roots.pop().querySelectorAll("*")) {
    if (one.shadowRoot) roots.push(one.shadowRoot);
    if (!one.matches("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])")) continue;
    if (one.disabled || one.closest("[inert]") || !one.checkVisibility({ visibilityProperty: true })) continue;
    found.push(one);
  }
  return found;
}"""

REACHED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one || one === document.body) return null;
  window.reached ??= new Set();
  const again = window.reached.has(one);
  window.reached.add(one);
  const style = getComputedStyle(one);
  const around = getComputedStyle(one.parentElement ?? one);
  const seen = [style, around].some((it) => (it.outlineStyle !== "none" && parseFloat(it.outlineWidth) > 0) || it.boxShadow !== "none") || one.matches("input, textarea, select");
  return { again, seen, what: `${one.tagName} ${one.getAttribute("aria-label") ?? one.textContent.slice(0, 30)}` };
}"""
"""What the keys have come to; whether that is seen, and whether they have been there before."""

MISSED = f"""() => ({CONTROLS})().filter((one) => {{
  if (window.reached.has(one)) return false;
  const group = one.closest("[role=radiogroup], [role=tablist], [role=group], [role=listbox]");  // arrows lead through these
  return !(group && one.tabIndex === -1 && [...window.reached].some((it) => group.contains(it)));
}}).map((one) => `${{one.tagName}} ${{one.className}} ${{one.getAttribute("aria-label") ?? one.textContent.slice(0, 30)}}`)"""


def walk(page, most=900):
    """Go through a page by the tab key until it begins anew; return what was not reached, and what was not seen."""
    page.evaluate("window.reached = new Set(); document.activeElement?.blur()")
    unseen, outside = [], 0
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(REACHED)
        outside += found is None  # behind the last control the browser's own come
        if outside > 1 or (found and found["again"]):
            break
        if found and not found["seen"]:
            unseen.append(f"focus is not seen: {found['what']}")
    return page.evaluate(MISSED) + unseen
