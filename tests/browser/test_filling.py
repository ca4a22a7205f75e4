"""Filling in, in a real browser: whatever happens to page, network and server, nothing that was typed is lost."""

import itertools
import os
import re
from types import SimpleNamespace

import pytest
from PIL import Image
from playwright.sync_api import expect
from site_of import PHONE, Site, prepared
from workplaces import CHOICE, NUMBER, FillDesk

from portal.demo.plan import Book

pytestmark = pytest.mark.browser

TABLE = "kitchen.fridges"
UNIVERSITIES = 40
BOOK = Book(
    "green-canteen",
    "绿色食堂评定（演示）",
    ("第一食堂", "第二食堂"),
    ("typical",),
    UNIVERSITIES,
    {"填报中": UNIVERSITIES},
)
"""One round: more universities that have begun than there are tests, so that each has one of its own."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve it; a test may kill it."""
    found = Site(prepared(tmp_path_factory.mktemp("filling"), (BOOK,)))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def numbers():
    """Count the universities."""
    return itertools.count(1)


@pytest.fixture
def site(server):
    """Give the server, alive."""
    if not server.alive():
        server.start()
    return server


@pytest.fixture
def people(numbers):
    """Give the two of a university that no other test has seen."""
    number = next(numbers)
    return SimpleNamespace(filler=f"filler-{number:03}", colleague=f"approver-{number:03}")


@pytest.fixture
def desk(site, chromium, people):
    with site.person(chromium, people.filler) as page:
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        yield FillDesk(page, site)


@pytest.fixture
def other(site, chromium, people):
    """Give the page of somebody else of the same university."""
    with site.person(chromium, people.colleague) as page:
        yield FillDesk(page, site)


def test_an_answer_is_saved_at_once_and_the_score_follows(desk):
    points = desk.page.locator('[data-points="food-safety-managers"]')
    desk.pick("自营")
    for name in (NUMBER, "canteen.school_directors"):
        desk.box(name).fill("1")
    for value in ("0", "1"):
        before = points.inner_text()
        desk.box("canteen.safety_officers").fill(value)
        desk.saved()
    expect(points).not_to_have_text(before)
    after = points.inner_text()
    desk.reload()
    assert desk.picked == "自营"
    expect(desk.box(NUMBER)).to_have_value("1")
    expect(points).to_have_text(after)


def test_what_the_engine_cannot_read_is_said_and_kept(desk):
    desk.box(NUMBER).fill("约三百")
    desk.box(NUMBER).blur()
    expect(desk.fact(NUMBER)).to_contain_text("没有存上")
    expect(desk.status).to_contain_text("有 1 处要您看一下")
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("约三百")
    desk.box(NUMBER).fill("300")
    desk.saved()


# Nothing is lost ----------------------------------------------------------------------------------------------------


def test_f5_in_mid_word(desk):
    desk.type("43")
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("43")
    desk.saved()


def test_the_tab_closed_in_mid_word(desk):
    desk.type("44")
    context = desk.page.context
    desk.page.close()
    again = FillDesk(context.new_page(), desk.site)
    expect(again.box(NUMBER)).to_have_value("44")


def test_back_and_forth(desk):
    desk.type("45")
    desk.page.goto(f"{desk.site.address}/")
    desk.page.go_back()
    expect(desk.box(NUMBER)).to_have_value("45")


def test_offline_for_a_while(desk, other):
    desk.page.context.set_offline(True)
    desk.box(NUMBER).fill("46")
    desk.pick("委托")
    expect(desk.status).to_contain_text("2 处已存在本机")
    desk.page.context.set_offline(False)
    desk.saved()
    expect(other.box(NUMBER)).to_have_value("46")
    assert other.picked == "委托"


def test_the_server_dies_and_comes_back(desk):
    desk.site.kill()
    desk.box(NUMBER).fill("47")
    expect(desk.status).to_contain_text("已存在本机")
    desk.site.start()
    desk.saved()
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("47")


def test_the_tab_closed_while_the_server_is_dead(desk):
    desk.site.kill()
    desk.box(NUMBER).fill("48")
    expect(desk.status).to_contain_text("已存在本机")
    context = desk.page.context
    desk.page.close()
    desk.site.start()
    again = FillDesk(context.new_page(), desk.site)
    again.saved()
    expect(again.box(NUMBER)).to_have_value("48")


def test_the_connection_of_the_pages_is_cut(site, chromium, people):
    """The pages' own connection may go: answers travel by another way."""
    lines = []
    with site.person(chromium, people.filler) as page:

        def through(line):
            line.connect_to_server()
            lines.append(line)

        page.route_web_socket(re.compile("_stcore/stream"), through)
        desk = FillDesk(page, site)
        page.unroute_all()
        for line in lines:
            line.close()
        desk.box(NUMBER).fill("49")
        desk.saved()
        desk.reload()
        expect(desk.box(NUMBER)).to_have_value("49")


def test_a_full_disk(desk):
    with desk.site.full_disk():
        desk.box(NUMBER).fill("50")
        expect(desk.status).to_contain_text("已存在本机")
    desk.saved()
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("50")


def test_the_session_ends_in_mid_work(desk, people):
    other = desk.page.context.new_page()
    other.goto(f"{desk.site.address}/")
    expect(other.get_by_role("heading", name="待办")).to_be_visible()
    other.get_by_role("button", name="退出").click()
    expect(other).to_have_url(re.compile("sign-in"))
    desk.site.sign_in(other, people.filler)
    again = FillDesk(other, desk.site)
    again.box(NUMBER).fill("51")
    again.saved()


def test_a_save_that_is_refused_for_good_stays_in_the_browser(desk, people):
    """Signed out elsewhere: what was typed waits on this machine for the same person."""
    desk.page.context.clear_cookies()
    desk.box(NUMBER).fill("52")
    expect(desk.page.get_by_role("link", name="重新登录")).to_be_visible()
    desk.site.sign_in(desk.page, people.filler)
    again = FillDesk(desk.page, desk.site)
    expect(again.box(NUMBER)).to_have_value("52")
    again.saved()


# Several at once -------------------------------------------------------------------------------------------------------


def test_two_tabs_of_one_person(desk):
    second = FillDesk(desk.page.context.new_page(), desk.site)
    desk.box(NUMBER).fill("60")
    desk.saved()
    expect(second.box(NUMBER)).to_have_value("60")
    second.pick("承包")
    expect(desk.fact(CHOICE).get_by_role("radio", name="承包")).to_have_attribute("aria-checked", "true")


def test_two_people_on_one_answer_see_both_and_one_decides(desk, other):
    desk.page.context.set_offline(True)
    desk.box(NUMBER).fill("70")
    other.box(NUMBER).fill("71")
    other.saved()
    desk.page.context.set_offline(False)
    expect(desk.fact(NUMBER)).to_contain_text("也改了这一处")
    expect(desk.page.get_by_role("button", name="用对方的：71")).to_be_visible()
    desk.page.get_by_role("button", name="用我的：70").click()
    desk.saved()
    expect(other.box(NUMBER)).to_have_value("70")


def test_two_people_and_the_other_one_is_right(desk, other):
    desk.page.context.set_offline(True)
    desk.box(NUMBER).fill("72")
    other.box(NUMBER).fill("73")
    other.saved()
    desk.page.context.set_offline(False)
    desk.page.get_by_role("button", name="用对方的：73").click()
    expect(desk.box(NUMBER)).to_have_value("73")
    expect(desk.status).not_to_contain_text("要您看一下")
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("73")


def test_who_is_at_work_where_is_seen(desk, other):
    other.box(NUMBER).fill("74")
    other.saved()
    expect(desk.page.locator(".zf-busy").first).to_contain_text("正在填")


# Ways of typing --------------------------------------------------------------------------------------------------------


def test_half_a_word_of_an_input_method_is_never_sent(desk):
    sent = []
    desk.page.on("request", lambda one: sent.append(one.post_data or ""))
    desk.page.on("websocket", lambda line: line.on("framesent", lambda one: sent.append(str(one))))
    desk.reload()
    desk.box(NUMBER).fill("29")
    desk.saved()
    assert any('"29"' in one for one in sent), "what is sent is heard here"
    desk.box(NUMBER).fill("")
    desk.saved()
    wire = desk.page.context.new_cdp_session(desk.page)
    wire.send("Input.imeSetComposition", {"text": "sanshi", "selectionStart": 6, "selectionEnd": 6})
    desk.page.wait_for_timeout(1000)
    wire.send("Input.insertText", {"text": "30"})
    desk.saved()
    assert any('"30"' in one for one in sent)
    assert not [one for one in sent if "sanshi" in one]
    desk.reload()
    expect(desk.box(NUMBER)).to_have_value("30")


def test_a_block_from_a_spreadsheet_is_pasted_into_a_table(desk):
    desk.find("冷藏冷冻设备")
    table = desk.fact(TABLE)
    before = table.locator("tbody tr").count()
    table.get_by_role("button", name="加一行").click()
    table.locator("tbody tr").last.locator("input, select").first.evaluate(
        r"""(cell) => {
          const data = new DataTransfer();
          data.setData("text/plain", "冷藏\t3\t是\r\n冷冻\t-19\t是\r\n");
          cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(table.locator("tbody tr")).to_have_count(before + 2)
    desk.saved()
    desk.reload()
    expect(table.locator("tbody tr")).to_have_count(before + 2)


def test_search_leads_to_a_question_by_word_and_by_number(desk):
    desk.find("每餐次 用餐")
    expect(desk.box(NUMBER)).to_be_focused()
    desk.find("waste-training")
    expect(desk.page.locator("#i-waste-training")).to_be_in_viewport()


def test_each_place_lacks_what_its_sections_lack(desk):
    """A question that two sections need is lacking in both, and in the place once."""
    seats = desk.page.get_by_label("填哪一处")
    for seat in (1, 0):
        if seat == 0:  # the university itself: most sections ask nothing there
            seats.select_option(index=0)
            expect(desk.page.locator(".zf-nav").get_by_text("不用填").first).to_be_visible()
        counts = desk.page.locator(".zf-nav .zf-num").all_inner_texts()
        lacking = [int(one.removeprefix("缺 ")) for one in counts if one.startswith("缺 ")]
        shown = seats.locator("option:checked").inner_text()
        assert max(lacking) <= int(re.search(r"（缺 (\d+)）$", shown)[1]) <= sum(lacking)


def test_an_address_leads_to_an_item(desk):
    address = desk.page.url.partition("#")[0]
    desk.page.goto("about:blank")
    desk.page.goto(f"{address}#i-waste-training")
    expect(desk.page.locator("#i-waste-training")).to_be_in_viewport()
    expect(desk.page).to_have_url(address)


# Evidence ----------------------------------------------------------------------------------------------------------------


def test_a_photo_comes_up_in_parts_goes_on_after_a_cut_and_is_shown(desk, tmp_path):
    photo = tmp_path / "许可证.png"
    Image.frombytes("RGB", (1400, 1400), os.urandom(1400 * 1400 * 3)).save(photo)
    shelf = desk.fact(CHOICE).locator(".zf-shelf")
    cut = []

    def cut_once(route):
        if cut:
            return route.continue_()
        cut.append(route.request.url)
        return route.abort()

    desk.page.route(re.compile("/chunks/1$"), cut_once)
    shelf.locator("input[type=file]").set_input_files(photo)
    expect(shelf.locator("img")).to_be_visible()
    assert cut
    assert photo.stat().st_size > 4 << 20
    desk.reload()
    expect(shelf).to_contain_text("许可证.png")
    desk.page.on("dialog", lambda one: one.accept())
    shelf.get_by_role("button", name="移除").click()
    expect(shelf.locator("img")).to_have_count(0)


def test_what_is_dangerous_is_refused_with_a_reason(desk, tmp_path):
    bad = tmp_path / "图.png"
    bad.write_bytes(b"MZ" + bytes(500))
    shelf = desk.fact(CHOICE).locator(".zf-shelf")
    shelf.locator("input[type=file]").set_input_files(bad)
    expect(shelf.locator(".zf-bad")).to_be_visible()
    shelf.get_by_role("button", name="知道了").click()
    expect(shelf.locator(".zf-bad")).to_have_count(0)


# On the phone ------------------------------------------------------------------------------------------------------------


def test_on_the_phone_nothing_is_too_wide_and_the_score_stays_in_sight(site, chromium, people):
    with site.person(chromium, people.filler, PHONE, has_touch=True) as page:
        desk = FillDesk(page, site)
        desk.pick("自营")
        desk.saved()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        desk.box("canteen.safety_officers").scroll_into_view_if_needed()
        header, total = (
            page.get_by_test_id("stHeader").bounding_box(),
            page.locator(".zf-total").bounding_box(),
        )
        assert total["y"] >= header["y"] + header["height"], "the header covers nothing"
        small = page.locator(".zf-option, .zf-button, .zf-nav button").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.textContent)"
        )
        assert not small
