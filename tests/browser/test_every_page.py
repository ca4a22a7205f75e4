"""Every page as every role that has it, at a desk and on a phone: Chinese, without barriers, whole, and quiet."""

from contextlib import contextmanager

import looking
import pytest
from playwright.sync_api import expect
from site_of import DESK, PHONE, prepared, served
from tour import STILL, UNFOLD, Tour, walk

from app_pages.menu import ANYBODY, MENU, entries_for
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
            if entry in first_seen_by(role):
                one.whole(name)
            else:
                one.look(name, deep=False, barriers=entry.roles != ANYBODY)  # else it is the same for all
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
            one.look(f"empty /{address}", deep=False)
    with tour(whole_site, chromium, "inspector-01") as one:
        for address in ("review", "onsite", "review?assessment=nothing"):
            one.open(f"/{address}")
            one.look(f"empty /{address}", deep=False)
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
