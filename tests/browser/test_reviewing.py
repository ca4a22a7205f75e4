"""Reviewing and looking on site, in a real browser: what was said or seen is kept, whatever happens to the connection."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from site_of import PHONE, prepared, served
from workplaces import ReviewDesk, Trip, picture

from portal.demo.plan import Book
from portal.demo.reviewing import TO_VISIT
from tests.portal.good_files import pdf

pytestmark = pytest.mark.browser

BOOKS = (
    Book(
        "green-canteen",
        "绿色食堂评定（演示）",
        ("第一食堂",),
        ("excellent",),
        2,
        {"评审中": 1, "补充材料": 1},
    ),
)
"""One round: a university whose review has begun by inspectors 01 and 02, and one that supplements, by 02 and 03."""

INSPECTOR, SECOND, FILLER = "inspector-01", "inspector-02", "filler-002"
PLAN, DRILLS = "annual-plan", "emergency-drills"


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """Give the folder of a demonstration in review."""
    return prepared(tmp_path_factory.mktemp("review"), BOOKS)


@pytest.fixture
def site(reviewed, tmp_path):
    """Serve a copy of it."""
    with served(reviewed, tmp_path / "data") as found:
        yield found


@pytest.fixture
def desk(site, chromium):
    with site.person(chromium, INSPECTOR) as page:
        yield ReviewDesk(page, site)


# Item by item -------------------------------------------------------------------------------------------------------------


def test_one_finds_a_claim_agrees_and_adjusts_by_keys(desk):
    desk.find(PLAN)
    expect(desk.page.locator(".zr-claim")).to_contain_text("有年度计划")
    expect(desk.page.locator(".zr-claim")).to_contain_text("计分规则")
    desk.page.keyboard.press("d")
    desk.page.locator(".zr-form [data-points]").nth(1).click()
    desk.page.keyboard.type("jkadmv 经费没有单列")
    desk.page.get_by_role("button", name="保存调整").click()
    desk.saved()
    expect(desk.row(PLAN)).to_have_attribute("data-mark", "定论")
    expect(desk.said).to_contain_text(re.compile(r"调整 \d+(\.\d+)? 分：jkadmv 经费没有单列"))
    expect(desk.page.locator(".zr-scores")).not_to_contain_text("……")
    shown = desk.page.locator(".zr-scores").inner_text()
    desk.reload()
    expect(desk.said).to_contain_text("经费没有单列")
    assert desk.page.locator(".zr-scores").inner_text() == shown

    desk.page.keyboard.press("j")
    expect(desk.title).not_to_contain_text("绿色食堂年度计划")
    desk.shown()
    desk.page.keyboard.press("a")
    desk.saved()
    expect(desk.page.locator('.zr-row[data-mark="定论"]')).not_to_have_count(1)
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("k")
    expect(desk.title).to_contain_text("绿色食堂年度计划")


def test_an_adjustment_without_a_reason_or_beyond_the_full_points_is_not_taken(desk):
    desk.find(PLAN)
    desk.page.keyboard.press("d")
    desk.page.get_by_label("分数，").fill("99")
    desk.page.get_by_role("button", name="保存调整").click()
    expect(desk.page.locator(".zr-form")).to_contain_text("分数和理由都要写")
    desk.page.get_by_label("调整的理由").fill("太多")
    desk.page.get_by_role("button", name="保存调整").click()
    expect(desk.said).to_contain_text("没有存上")
    expect(desk.said).to_contain_text("应在 0 到 10 之间")
    desk.page.get_by_role("button", name="放弃这处修改").click()
    expect(desk.said).to_contain_text("还没有意见")


def test_what_is_half_written_outlives_the_page(desk):
    desk.find(PLAN)
    desk.page.keyboard.press("d")
    desk.page.get_by_label("调整的理由").fill("写到一半")
    desk.reload()
    expect(desk.page.get_by_label("调整的理由")).to_have_value("写到一半")


def test_material_is_asked_for_and_the_request_may_be_taken_back(desk):
    desk.find(DRILLS)
    desk.page.keyboard.press("m")
    desk.page.get_by_label("要补什么材料").fill("请补演练照片")
    desk.page.get_by_role("button", name="要求补材料").click()
    expect(desk.row(DRILLS)).to_have_attribute("data-mark", "补材料")
    desk.find(DRILLS)
    expect(desk.page.locator(".zr-request")).to_contain_text("请补演练照片")
    desk.page.get_by_role("button", name="撤回要求").click()
    expect(desk.page.locator(".zr-request")).to_contain_text("已撤回")


def test_many_are_agreed_to_at_once_and_taken_back_after_a_refresh(desk):
    before = desk.page.locator('.zr-row[data-mark="无意见"]').count()
    desk.page.get_by_role("button", name=re.compile("认可列出的")).click()
    expect(desk.notice).to_contain_text("已认可")
    expect(desk.page.locator('.zr-row[data-mark="无意见"]')).to_have_count(0)
    desk.reload()
    desk.page.get_by_role("button", name=re.compile("撤销上次一并认可的")).click()
    expect(desk.notice).to_contain_text("已撤销")
    expect(desk.page.locator('.zr-row[data-mark="无意见"]')).to_have_count(before)


def test_signing_lists_what_is_missing_then_freezes(desk):
    desk.find(DRILLS)
    desk.page.keyboard.press("v")
    desk.page.get_by_role("button", name="列入现场核查").click()
    expect(desk.row(DRILLS)).to_have_attribute("data-mark", "现场核查")
    desk.page.get_by_label("查找指标").fill("")
    desk.page.get_by_role("button", name=re.compile("认可列出的")).click()
    expect(desk.notice).to_contain_text("已认可")
    desk.tab("签署")
    panel = desk.page.locator(".zr-panel")
    for waiting in range(TO_VISIT + 1, 0, -1):
        expect(panel).to_contain_text(f"{waiting} 项在等补材料或现场核查")
        expect(panel.get_by_role("button", name="签署")).to_be_disabled()
        one = panel.get_by_role("listitem").get_by_role("button").first
        name = one.inner_text()
        one.click()
        expect(desk.title).to_contain_text(name)
        desk.shown()
        desk.page.keyboard.press("a")
        desk.saved()
        desk.tab("签署")
    expect(panel).to_contain_text("每一项都有定论")
    panel.get_by_label("我已逐项核对").check()
    panel.get_by_role("button", name="签署").click()
    expect(desk.notice).to_contain_text("已签署")
    desk.tab("逐项评审")
    expect(desk.page.locator('.zr-verdicts [data-verdict="agree"]')).to_be_disabled()
    desk.tab("评审组对照")
    expect(panel).to_contain_text("各位专家独立评审")
    expect(panel).not_to_contain_text("专家2（")


# Nothing is lost ------------------------------------------------------------------------------------------------------------


def test_what_is_said_while_the_server_is_dead_arrives_when_it_is_back(desk):
    desk.find(PLAN)
    desk.site.kill()
    desk.page.keyboard.press("a")
    expect(desk.status).to_contain_text("已存在本机")
    desk.site.start()
    desk.saved()
    desk.reload()
    desk.find(PLAN)
    expect(desk.said).to_contain_text("认可")


def test_two_windows_on_one_item_show_both(desk):
    other = ReviewDesk(desk.page.context.new_page(), desk.site)
    for one in (desk, other):
        one.find(PLAN)
    other.page.keyboard.press("a")
    other.saved()
    desk.page.bring_to_front()
    desk.page.keyboard.press("v")
    desk.page.get_by_role("button", name="列入现场核查").click()
    desk.find(PLAN)
    expect(desk.page.locator(".zf-conflict")).to_contain_text("两个内容都在")
    expect(desk.page.get_by_role("button", name="用那边的：认可")).to_be_visible()
    desk.page.get_by_role("button", name="用这里的：现场核查").click()
    desk.saved()
    other.reload()
    expect(other.row(PLAN)).to_have_attribute("data-mark", "现场核查")


def test_what_waits_is_not_saved_for_whoever_signs_in_next_in_this_browser(desk):
    page, context = desk.page, desk.page.context
    desk.find(PLAN)
    context.route(re.compile("/findings/"), lambda route: route.abort())
    page.keyboard.press("a")
    expect(desk.status).to_contain_text("已存在本机")
    context.clear_cookies()
    other = context.new_page()
    desk.site.sign_in(other, SECOND)
    context.unroute_all()
    theirs = ReviewDesk(other, desk.site)
    expect(theirs.row(PLAN)).to_have_attribute("data-mark", "无意见")
    context.clear_cookies()
    desk.site.sign_in(page, INSPECTOR)
    again = ReviewDesk(page, desk.site)
    expect(again.row(PLAN)).to_have_attribute("data-mark", "定论")
    again.saved()
    context.clear_cookies()
    desk.site.sign_in(other, SECOND)
    expect(ReviewDesk(other, desk.site).row(PLAN)).to_have_attribute("data-mark", "无意见")


# Evidence -------------------------------------------------------------------------------------------------------------------


def test_a_picture_and_a_pdf_are_shown_in_the_page(site, chromium):
    with site.person(chromium, FILLER) as page:
        session = page.request.get(f"{site.address}/session").json()
        (case,) = page.request.get(f"{site.address}/api/v1/assessments").json()
        subjects = page.request.get(f"{site.address}/api/v1/assessments/{case['id']}").json()["subjects"]
        whole = next(one["id"] for one in subjects if one["is_university"])
        for name, content in (("计划.jpg", picture()), ("计划.pdf", pdf())):
            done = page.request.post(
                f"{site.address}/api/v1/assessments/{case['id']}/subjects/{whole}/evidence/catering.plan",
                params={"name": name, "valid_until": "2020-01-01"},
                headers={
                    "X-CSRF-Token": session["proof"],
                    "Idempotency-Key": f"up-{name[-3:]}",
                    "Origin": site.address,
                    "Content-Type": "application/octet-stream",
                },
                data=content,
            )
            assert done.ok, done.text()
    with site.person(chromium, SECOND) as page:
        desk = ReviewDesk(page, site, "补充材料")
        page.locator(".zr-chip").filter(has_text="证据期限").click()
        expect(desk.title).to_contain_text("绿色食堂年度计划")
        proofs = page.locator('.zr-fact[data-fact="catering.plan"] .zr-proof')
        expect(proofs).to_have_count(2)
        expect(page.locator(".zr-fact").filter(has_text="已经过期").first).to_be_visible()
        proofs.first.click()
        stage = page.locator(".zr-stage")
        expect(stage.locator("img")).to_be_visible()
        assert stage.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
        with page.expect_response(re.compile("inline=true")) as answer:
            page.keyboard.press("ArrowRight")
        sent = page.request.get(
            answer.value.url
        )  # the browser's own viewer shows other headers than it was sent
        assert sent.headers["content-type"] == "application/pdf"
        assert "sandbox" in sent.headers["content-security-policy"]
        expect(stage.locator("iframe")).to_be_visible()
        page.keyboard.press("j")  # no shortcut while one looks at evidence
        page.keyboard.press("Escape")
        expect(page.locator(".zr-viewer")).to_be_hidden()
        expect(desk.title).to_contain_text("绿色食堂年度计划")


# On site, with a phone --------------------------------------------------------------------------------------------------------


@contextmanager
def on_site(site, chromium):
    """Mark an item for a visit at the desk, and give the phone that goes there."""
    with site.person(chromium, INSPECTOR) as page:
        desk = ReviewDesk(page, site)
        desk.find(DRILLS)
        page.keyboard.press("v")
        page.get_by_label("现场看什么").fill("看演练记录")
        page.get_by_role("button", name="列入现场核查").click()
        desk.saved()
    with site.person(chromium, INSPECTOR, PHONE, has_touch=True, is_mobile=True) as page:
        yield Trip(page, site)


def test_counting_and_photos_work_offline_and_arrive_later(site, chromium):
    with on_site(site, chromium) as trip:
        expect(trip.visit).to_contain_text("看演练记录")
        trip.page.context.set_offline(True)
        trip.add(3)
        trip.shoot((200, 40, 40))
        expect(trip.photos).to_have_attribute("data-state", "waiting")
        expect(trip.status).to_contain_text(re.compile(r"现在连不上，1 处和1 张照片已存在本机"))
        context = trip.page.context
        trip.page.close()
        context.set_offline(False)
        again = Trip(context.new_page(), site)
        expect(again.number).to_have_value("3")
        again.sent()
        again.page.reload()
        again.open()
        expect(again.number).to_have_value("3")
        expect(again.photos).to_have_count(1)
        expect(again.photos).to_contain_text("已传")
        assert again.photos.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100


def test_a_server_that_dies_loses_neither_counts_nor_photos_nor_the_last_word(site, chromium):
    with on_site(site, chromium) as trip:
        trip.add()
        trip.sent()
        site.kill()
        trip.add()
        trip.shoot((40, 40, 200))
        trip.visit.get_by_role("radio", name="认可").click()
        expect(trip.status).to_contain_text("已存在本机")
        site.start()
        trip.sent()
        trip.page.reload()
        trip.page.locator(".zo-closed summary").first.click()
        trip.open()
        expect(trip.number).to_have_value("2")
        expect(trip.photos).to_have_count(1)


def test_two_devices_at_one_place_show_both(site, chromium):
    with on_site(site, chromium) as trip, site.person(chromium, INSPECTOR, PHONE) as page:
        other = Trip(page, site)
        other.add(2)
        other.sent()
        trip.add()
        expect(trip.page.locator(".zf-conflict")).to_contain_text("两个内容都在")
        trip.page.get_by_role("button", name=re.compile("^用那边的：2")).click()
        expect(trip.number).to_have_value("2")


def test_on_the_phone_nothing_is_too_wide_or_too_small(site, chromium):
    with on_site(site, chromium) as trip:
        trip.visit.get_by_role("radio", name="调整").click()
        assert trip.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = trip.page.locator(".zo button, .zo input:visible, .zo summary").evaluate_all(
            "all => all.filter(one => one.offsetHeight && one.offsetHeight < 44 && one.type !== 'checkbox').map(one => one.textContent || one.ariaLabel)"
        )
        assert small == []
        expect(trip.status).to_be_in_viewport()
