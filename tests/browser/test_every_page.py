"""Every page as every role that has it, at a desk and on a phone: Chinese, without barriers, whole, and quiet."""

from contextlib import contextmanager

import looking
import pytest
from playwright.sync_api import expect
from site_of import DESK, PHONE, prepared, served

from app_pages.menu import MENU, entries_for
from portal.demo.plan import Book
from portal.policy import Actor, Member

pytestmark = pytest.mark.browser

BOOKS = (
    Book(
        "green-canteen",
        "绿色食堂评定（演示）",
        ("第一食堂", "第二食堂"),
        ("typical", "excellent", "vetoed"),
        12,
        {
            "归档": 1,
            "定级": 1,
            "复核": 1,
            "公示": 1,
            "评审完成": 1,
            "补充材料": 1,
            "评审中": 1,
            "已提交": 2,
            "填报中": 2,
        },
    ),
)
"""One round with a university in every state; the last has answered nothing."""

PEOPLE = {
    "filler": "filler-010",
    "inspector": "inspector-07",
    "secretariat": "secretariat",
    "approver": "approver-010",
    "observer": "observer",
    "administrator": "admin",
}
"""Who looks in which role."""


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory):
    """Serve a portal with something in every state; nothing here changes it."""
    folder = tmp_path_factory.mktemp("every")
    with served(prepared(folder / "prepared", BOOKS), folder / "data") as found:
        yield found


# Looking at one page --------------------------------------------------------------------------------------------------


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

    def look(self, name, *, dark=True):
        """Look at what is there now, in both sizes, in the light and in the dark."""
        page = self.page
        self.note(name, [] if page.locator("html").get_attribute("lang") == "zh-CN" else ["not zh-CN"])
        self.note(name, page.get_by_test_id("stException").all_text_contents())
        self.note(name, page.get_by_test_id("stAlert").filter(has_text="程序出了意外").all_text_contents())
        self.note(f"{name}, English", looking.english(page))
        self.note(f"{name}, barrier", looking.barriers(page))
        page.mouse.move(0, 0)
        if dark:
            page.emulate_media(color_scheme="dark")
            page.evaluate(STILL)
            self.note(f"{name}, barrier in the dark", looking.barriers(page, "color-contrast"))
            page.emulate_media(color_scheme="light")
        self.size(PHONE)
        self.note(f"{name}, too wide", looking.too_wide(page))
        self.note(f"{name}, English on a phone", looking.english(page))
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
        closed.evaluate_all("found => found.forEach((one) => one.click())")
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


@contextmanager
def tour(site, chromium, login):
    """Let somebody look around."""
    with site.person(chromium, login) as page:
        yield Tour(page, site)


def assert_quiet(*tours):
    """Nothing was wrong; else say all of it."""
    wrong = [line for one in tours for line in one.wrong]
    assert not wrong, "\n".join(wrong)


def menu_of(role):
    """Return the pages that a role sees."""
    employer = "u" if role in ("filler", "approver") else None
    return entries_for(Actor("a", "A", (Member(role, employer),)))


def first_seen_by(role):
    """Return the pages that no role before this one sees: there everything that hides is opened."""
    roles = list(PEOPLE)
    before = {entry for one in roles[: roles.index(role)] for entry in menu_of(one)}
    return [entry for entry in menu_of(role) if entry not in before]


# Every page -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_of_a_role(whole_site, chromium, role):
    with tour(whole_site, chromium, PEOPLE[role]) as one:
        for entry in menu_of(role):
            one.open(f"/{entry.address}")
            expect(one.page.get_by_role("dialog")).to_have_count(0)  # which says that there is no such page
            name = f"{role} {entry.title}"
            one.whole(name) if entry in first_seen_by(role) else one.look(name, dark=False)
    assert_quiet(one)


def test_every_page_of_the_menu_has_somebody_who_looks():
    assert {entry for role in PEOPLE for entry in menu_of(role)} == set(MENU)


def test_the_menus_of_the_navigation(whole_site, chromium):
    with tour(whole_site, chromium, "secretariat") as one:
        one.open("/")
        for group in one.page.get_by_test_id("stTopNavSection").all():
            group.click()
            one.page.get_by_test_id("stTopNavPopover").wait_for()
            one.over("navigation", f"menu {group.inner_text()}")
            one.page.keyboard.press("Escape")
        one.size(PHONE)
        one.page.get_by_role("button", name="展开菜单").click()
        expect(one.page.get_by_role("link", name="待办")).to_be_visible()
        one.over("navigation", "menu of a phone")
    assert_quiet(one)


def test_every_part_of_a_round(whole_site, chromium):
    with tour(whole_site, chromium, "secretariat") as one:
        one.open("/rounds")
        one.page.locator(".zs-round a").filter(has_text="（演示）").click()
        one.page.locator(".zs-back").wait_for()
        one.settle()
        one.whole("a round")
    assert_quiet(one)


def test_every_section_of_what_is_filled_in(whole_site, chromium):
    with tour(whole_site, chromium, PEOPLE["approver"]) as one:
        one.open("/fill")
        seats = one.page.get_by_label("填哪一处")
        for seat in seats.locator("option").all():
            seats.select_option(seat.get_attribute("value"))
            one.settle()
            for section in one.page.locator(".zf-nav button").all():
                section.click()
                name = f"{seat.inner_text()} {section.inner_text()}"
                one.page.evaluate(UNFOLD)
                one.note(f"{name}, English", looking.english(one.page))
        one.page.get_by_label("查找问题或指标").fill("食品")
        one.over("填报", "what was found")
        one.page.locator(".st-key-fill-submit button").click()
        one.settle()
        one.look("填报, 提交")
    assert_quiet(one)


def test_what_has_nothing_in_it(whole_site, chromium):
    with tour(whole_site, chromium, "filler-012") as one:
        for address in (
            "",
            "fill",
            "result",
            "appeals",
            "result?assessment=nothing",
            "fill?assessment=nothing",
        ):
            one.open(f"/{address}")
            one.look(f"empty /{address}")
    with tour(whole_site, chromium, "inspector-01") as one:
        for address in ("review", "onsite", "review?assessment=nothing"):
            one.open(f"/{address}")
            one.look(f"empty /{address}")
    assert_quiet(one)


def test_what_came_out_is_contested(whole_site, chromium):
    with tour(whole_site, chromium, "approver-003") as one:
        one.open("/result")
        one.look("result, final")
        one.open("/appeals")
        one.look("appeals, filed")
    with tour(whole_site, chromium, "approver-004") as two:
        two.open("/appeals")
        two.page.get_by_test_id("stSelectbox").last.locator("input").click()
        two.page.get_by_role("option").first.click()
        two.settle()
        two.page.get_by_label("异议的理由").fill("材料齐全")
        two.page.get_by_role("button", name="提出异议").click()
        two.settle()
        two.look("appeals, filing")
    assert_quiet(one, two)


def test_a_case_in_review_and_on_site(whole_site, chromium):
    with tour(whole_site, chromium, PEOPLE["inspector"]) as one:
        one.open("/review")
        one.page.locator(".zs-task").filter(has_text="评审中").get_by_role("link").click()
        one.settle()
        for tab in one.page.locator(".zr-tab").all():
            tab.click()
            expect(
                one.page.locator(".zr-tab[aria-selected=true], .zr-tab[aria-current=page]")
            ).to_be_visible()
            one.page.evaluate(UNFOLD)
            one.look(f"review, {tab.inner_text()}")
    with tour(whole_site, chromium, "inspector-09") as two:
        two.open("/review")
        two.page.locator(".zs-task").filter(has_text="复核").get_by_role("link").click()
        two.settle()
        two.look("review of an appeal")
    assert_quiet(one, two)


def test_the_pages_for_anybody(whole_site, chromium):
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    one = Tour(context.new_page(), whole_site)
    for address in ("sign-in", "sign-in?over", "public", "verify", "public/nothing"):
        one.open(f"/{address}")
        one.failed = [line for line in one.failed if not (line.startswith("404") and "nothing" in address)]
        one.look(f"/{address}")
    one.open("/public")
    one.page.locator(".list h2 a").first.click()
    one.page.evaluate(UNFOLD)
    one.look("a result for anybody")
    one.open("/sign-in")
    one.page.get_by_label("账号").fill("nobody")
    one.page.get_by_label("密码").fill("not the password")
    one.page.get_by_role("button", name="登录").click()
    one.page.get_by_role("alert").wait_for()
    one.failed.clear()  # the refusal has a status of its own
    one.look("sign-in, refused")
    context.close()
    with tour(whole_site, chromium, "observer") as two:
        for address in ("password", "sign-out"):
            two.open(f"/{address}")
            two.look(f"/{address}")
        two.open("/no-such-page")
        two.page.get_by_role("dialog").wait_for()
        two.failed.clear()  # the library says it on the console as well
        two.look("no such page")
    assert_quiet(one, two)


def test_without_a_connection_the_words_are_chinese(whole_site, chromium):
    with tour(whole_site, chromium, "observer") as one:
        one.open("/cohort")
        one.page.context.set_offline(True)
        one.page.evaluate("dispatchEvent(new Event('offline'))")
        one.page.get_by_text("失分", exact=True).click()
        one.over("offline", "offline")
    assert_quiet(one)


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


@pytest.mark.parametrize(
    ("login", "address", "ready"),
    [
        ("filler-010", "/fill", ".zf-item"),
        ("inspector-07", "/review", ".zr-finding"),
        ("inspector-07", "/onsite", ".zo-visit"),
    ],
)
def test_every_control_is_reached_by_keys(whole_site, chromium, login, address, ready):
    with tour(whole_site, chromium, login) as one:
        one.open(address)
        if address == "/review":
            one.page.locator(".zs-task").filter(has_text="评审中").get_by_role("link").click()
        one.settle()
        for place in one.page.locator(".zo-place").all()[:1]:
            place.click()
        one.page.locator(ready).first.wait_for()
        missed = walk(one.page)
        assert not missed, "\n".join(missed)


# Each look finds what it is for ---------------------------------------------------------------------------------------

PLANTED = {
    "a word in a shadow root": (
        "const host = document.body.appendChild(document.createElement('div')); host.attachShadow({mode: 'open'}).innerHTML = '<p>Upload</p>'",
        looking.english,
        "Upload",
    ),
    "a word only read aloud": (
        "document.body.setAttribute('aria-label', 'Close')",
        looking.english,
        "Close",
    ),
    "a button without a name": (
        "document.body.appendChild(document.createElement('button'))",
        looking.barriers,
        "button-name",
    ),
    "a picture without words in a shadow root": (
        "const host = document.body.appendChild(document.createElement('div')); host.attachShadow({mode: 'open'}).innerHTML = '<img src=\"/assets/icon.svg\">'",
        looking.barriers,
        "image-alt",
    ),
    "pale words": (
        "document.querySelector('h1').style.color = '#ddd'",
        lambda page: looking.barriers(page, "color-contrast"),
        "color-contrast",
    ),
    "a long word": (
        "const one = document.querySelector('h1'); one.style.whiteSpace = 'nowrap'; one.textContent = '很长'.repeat(900)",
        looking.too_wide,
        "scrolls",
    ),
    "a control that keys pass by": (
        "document.body.append(Object.assign(document.createElement('button'), {textContent: '藏', tabIndex: -1}))",
        walk,
        "藏",
    ),
    "a focus that is not seen": (
        "document.querySelector('a').style.outline = 'none'",
        walk,
        "focus is not seen",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_look_finds_what_is_planted(whole_site, chromium, what):
    plant, look, expected = PLANTED[what]
    page = chromium.new_page(viewport=DESK)
    page.goto(f"{whole_site.address}/verify")
    assert look(page) == []
    page.evaluate(f"() => {{ {plant} }}")
    assert any(expected in line for line in look(page)), look(page)
    page.context.close()


def test_a_failing_script_and_a_request_to_elsewhere_are_noted(whole_site, chromium):
    page = chromium.new_page(viewport=DESK)
    one = Tour(page, whole_site)
    one.open("/verify")
    page.evaluate(
        "setTimeout(() => { throw new Error('planted') }); new Image().src = 'http://127.0.0.2:9/x'"
    )
    page.wait_for_event("requestfailed", timeout=5000) if not any(
        "elsewhere" in line for line in one.failed
    ) else None
    page.evaluate(STILL)
    assert {line.split(":")[0] for line in one.failed} >= {"script", "elsewhere"}
    page.context.close()
