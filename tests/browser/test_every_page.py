"""Every page as every role that has it, at a desk and on a phone: Chinese, without barriers, whole, and quiet."""

import re
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
    "filler": ("filler-010", "filler-012", "filler-003"),
    "approver": ("approver-010", "approver-003", "approver-004"),
    "inspector": ("inspector-10",),
    "secretariat": ("secretariat",),
    "observer": ("observer",),
    "administrator": ("admin",),
}
"""Who looks in which role: somebody who has begun, somebody who has not, somebody whose result is contested."""


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
        self.wrong, self.failed, self.seen = [], [], []
        page.on("request", self.asked)
        page.on("pageerror", lambda error: self.failed.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and self.failed.append(f"console: {said.text}"))

    def asked(self, request):
        own = (self.site.address, self.site.address.replace("http:", "ws:"), "data:", "blob:")
        if not request.url.startswith(own):
            self.failed.append(f"elsewhere: {request.url}")

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
            expect(page.get_by_text("正在打开……")).to_have_count(0)

    def note(self, where, found):
        self.wrong += [f"{where}: {one}" for one in found]

    def look(self, name):
        """Look at what is there now, in both sizes, in the light and in the dark."""
        page = self.page
        self.seen.append(name)
        page.set_viewport_size(DESK)
        self.note(name, [] if page.locator("html").get_attribute("lang") == "zh-CN" else ["not zh-CN"])
        self.note(name, page.get_by_test_id("stException").all_text_contents())
        self.note(name, page.get_by_test_id("stAlert").filter(has_text="程序出了意外").all_text_contents())
        self.note(f"{name}, English", looking.english(page))
        self.note(f"{name}, barrier", looking.barriers(page))
        page.emulate_media(color_scheme="dark")
        self.note(f"{name}, barrier in the dark", looking.barriers(page, "color-contrast"))
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="light")
        self.note(f"{name}, too wide", looking.too_wide(page))
        self.note(f"{name}, English on a phone", looking.english(page))
        page.set_viewport_size(DESK)
        self.note(name, self.failed)
        self.failed.clear()

    def over(self, name):
        """Look at what lies over the page for a moment."""
        self.note(f"{name}, English", looking.english(self.page))
        self.note(f"{name}, barrier", looking.barriers(self.page))

    # What hides ---------------------------------------------------------------------------------------------------

    def unfold(self):
        """Open everything that folds."""
        closed = self.page.locator("[data-testid=stExpander] details:not([open]) > summary")
        while left := closed.count():
            closed.first.click()
            expect(closed).to_have_count(left - 1)
        self.settle()
        self.page.evaluate(UNFOLD)

    def drop_down(self, name):
        """Open each menu of each kind once, and one that finds nothing."""
        page = self.page
        for kind in ("stSelectbox", "stMultiSelect"):
            box = page.get_by_test_id(kind).locator("visible=true").locator("input:not([disabled])")
            if not box.count():
                continue
            box.first.click()
            page.get_by_role("listbox").first.wait_for()
            self.over(f"{name}, {kind}")
            if not box.first.get_attribute("readonly"):
                box.first.press_sequentially("没有这个词")
                self.over(f"{name}, {kind} without a find")
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        for kind in ("stDateInput", "stDateTimeInput"):
            box = page.get_by_test_id(kind).locator("visible=true")
            if box.count():
                box.first.locator("button, input, [role=spinbutton]").last.click()
                page.get_by_role("grid").or_(page.get_by_role("dialog")).first.wait_for()
                self.over(f"{name}, {kind}")
                page.keyboard.press("Escape")

    def hover(self, name):
        """Bring up what only comes with the mouse: tool bars of charts and tables, tips."""
        page = self.page
        for kind in ("stVegaLiteChart", "stDataFrame", "stTooltipHoverTarget"):
            one = page.get_by_test_id(kind).locator("visible=true")
            if one.count():
                one.first.hover()
                self.over(f"{name}, {kind}")
        menu = page.locator("summary[title], .vega-embed summary").locator("visible=true")
        if menu.count():
            menu.first.click()
            self.over(f"{name}, menu of a chart")
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


UNFOLD = """() => {
  const roots = [document.body];
  while (roots.length) for (const one of roots.pop().querySelectorAll("*")) {
    if (one.shadowRoot) roots.push(one.shadowRoot);
    if (one.tagName === "DETAILS" && !one.closest("[data-testid=stExpander], .vega-embed")) one.open = true;
  }
}"""


@contextmanager
def tour(site, chromium, login):
    """Let somebody look around; nothing may be wrong in the end."""
    with site.person(chromium, login) as page:
        yield Tour(page, site)


def menu_of(role):
    """Return the pages that a role sees."""
    employer = "u" if role in ("filler", "approver") else None
    return entries_for(Actor("a", "A", (Member(role, employer),)))


# Every page -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_of_a_role(whole_site, chromium, role):
    with tour(whole_site, chromium, PEOPLE[role][0]) as one:
        for entry in menu_of(role):
            one.open(f"/{entry.address}")
            one.whole(f"{role} {entry.title}")
    assert one.wrong == []


def test_every_page_of_the_menu_has_somebody_who_looks():
    assert {entry.address for role in PEOPLE for entry in menu_of(role)} == {entry.address for entry in MENU}
