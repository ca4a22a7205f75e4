"""One round as the people in it live it, from the invitation to the public page, by clicks only.

The university has filled in before; so it takes its answers over, corrects one, proves it, and hands in. Two inspectors
disagree about one indicator, one of them goes to look on site, a third has to keep away. The result is published, contested,
looked at again by a fourth, and published anew. What people read on the way is the same number everywhere.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from at_work import Person
from playwright.sync_api import expect
from site_of import PHONE, prepared, served
from workplaces import FillDesk, ReviewDesk, Trip, picture

from portal.demo.plan import Book
from tests.portal.reading import pdf_text, sheets

pytestmark = pytest.mark.browser

BEFORE = Book("green-canteen", "第一批绿色食堂评定（演示）", ("第一食堂",), ("excellent",), 1, {"归档": 1})
"""The round before, which is over: one university with one canteen."""

ROUND, CODE = "第二批绿色食堂评定", "demo-001"
PLAN, DRILLS = "annual-plan", "emergency-drills"
PASSED = "canteen.staff_passed"


@pytest.fixture
def site(tmp_path_factory, tmp_path):
    """Serve a portal in which the round before is over."""
    with served(prepared(tmp_path_factory.mktemp("before"), (BEFORE,)), tmp_path / "data") as found:
        yield found


def test_a_round_from_the_invitation_to_the_public_page(site, chromium):
    def being(login, **more):
        return site.person(chromium, login, **more)

    with being("secretariat") as chief:
        opens_a_round(Person(chief))
        keeps_away(Person(chief), "inspector-03")
    with being("filler-001") as filler:
        stated = fills_in(filler, site)
        reads_the_result(Person(filler), "自评", stated)
    with being("approver-001") as approver:
        hands_in(Person(approver))
    with being("secretariat") as chief:
        assigns(Person(chief))
        begins_the_review(Person(chief))
    with being("inspector-01") as inspector:
        disagrees_and_wants_to_see(inspector, site, stated)
        with being("inspector-01", size=PHONE, has_touch=True, is_mobile=True) as phone:
            looks_on_site(phone, site)
        first = signs(inspector)
    with being("inspector-02") as inspector:
        second = agrees_to_all(inspector, site)
    assert first != second == stated
    with being("secretariat") as chief:
        published = ends_the_review_and_publishes(Person(chief))
    assert published not in (first, second), "the panel decides between the two"
    anybody_reads_and_verifies(site, chromium, published, "公示中")
    with being("approver-001") as approver:
        reads_the_result(Person(approver), "最终", published)
        contests(Person(approver))
    with being("secretariat") as chief:
        lets_another_look_again(Person(chief))
    with being("inspector-04") as another:
        decides_for_the_university(another)
    with being("secretariat") as chief:
        graded = grades_and_publishes(Person(chief))
    assert graded == stated, "the points that the panel took are given back"
    anybody_reads_and_verifies(site, chromium, graded, "定级结果")
    with being("approver-001") as approver:
        learns_what_became_of_the_appeal(Person(approver))
        reads_the_result(Person(approver), "最终", graded)


# The secretariat begins -------------------------------------------------------------------------------------------------------


def later(days):
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d")


def opens_a_round(chief):
    chief.go("批次", "管理")
    chief.tick("新建批次", first=True)
    chief.write("名称", ROUND)
    chief.pick("标准和版", "绿色食堂")
    chief.day("评定日", later(200))
    chief.day("填报截止", f"{later(100)} 18:00")
    chief.click("新建批次")
    chief.sees(f"已新建批次：{ROUND}")
    chief.pick("或从名单里选", CODE)
    chief.click("邀请 1 所学校")
    chief.sees("已邀请：")
    chief.part("参评对象")
    chief.click("给 1 所学校选上全部在册的食堂")
    chief.sees("已选定参评对象：")
    chief.part("日期与开关")
    chief.tick("学校和日期已经核对")
    chief.click("开放填报")
    chief.sees("已办：开放填报")


def keeps_away(chief, inspector):
    chief.go("账号", "管理")
    chief.part("一个账号")
    chief.pick("账号", inspector)
    chief.tick("登记或解除回避")
    chief.pick("登记对哪所学校回避", CODE)
    chief.write("理由", "曾在该校任教")
    chief.click("登记回避")
    chief.sees("已办：登记回避")


# The university fills in ------------------------------------------------------------------------------------------------------


def fills_in(page, site):
    """Take last round's answers over, correct one and prove it; return the total that stands then."""
    expect(page.locator(".zs-task")).to_contain_text(ROUND)
    page.get_by_role("link", name="填报").last.click()
    page.get_by_role("button", name="沿用上一批次").click()
    expect(page.locator(".zf-notice")).to_contain_text(re.compile(r"沿用了 \d{3} 个答案"))
    desk = FillDesk(page, site)
    total = page.locator(".zf-total")
    before = total.inner_text()
    desk.find("培训考核合格的多少人")
    expect(desk.box(PASSED)).to_be_focused()
    desk.box(PASSED).fill("70")
    desk.saved()
    expect(total).not_to_have_text(before)
    desk.fact(PASSED).locator("input[type=file]").set_input_files(
        {"name": "成绩册.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(desk.fact(PASSED).locator(".zf-shelf")).to_contain_text("成绩册.jpg")
    return total.inner_text().partition(" / ")[0]


def reads_the_result(person, layer, total):
    """Read a total on the page of results, and in each of the files that can be taken along."""
    person.go("自评结果")
    person.sees(f"{layer}：" if layer == "自评" else "看哪一份成绩")
    expect(person.page.locator(".zr-head b").first).to_have_text(total)
    document = json.loads(person.takes("成绩单（JSON）"))
    assert document["total"] == {"low": total, "high": total}
    cells = {cell for rows in sheets(person.takes("Excel 得分表")).values() for row in rows for cell in row}
    assert Decimal(total) in cells
    assert total in pdf_text(person.takes("PDF"))


def hands_in(approver):
    approver.page.get_by_role("link", name="填报并提交").click()
    approver.click("提交……")
    approver.click("确认提交")
    approver.sees(f"已提交：{ROUND}", "撤回提交")


# The review -------------------------------------------------------------------------------------------------------------------


def assigns(chief):
    chief.go("指派与推进", "管理")
    chief.pick("学校", CODE)
    chief.pick("专家", "inspector-01", "inspector-02", "inspector-03")
    chief.sees("已申报回避")
    chief.click("指派 2 对")
    chief.sees("已指派：")


def begins_the_review(chief):
    step(chief, "开始评审")
    chief.go("批次", "管理")
    chief.page.get_by_role("link", name=ROUND).click()
    chief.sees("0 / 2 已签署")


def step(chief, title):
    """Take the university one step on."""
    chief.go("指派与推进", "管理")
    chief.part("推进")
    chief.part(title)
    chief.pick("学校", CODE)
    chief.click(f"{title} 1 所")
    chief.sees("已办：")


def disagrees_and_wants_to_see(page, site, stated):
    desk = ReviewDesk(page, site)
    expect(page.locator(".zr-tools")).to_contain_text(f"自评 {stated}，按您的意见 {stated} / ")
    desk.find(PLAN)
    page.keyboard.press("d")
    page.get_by_label("分数，").fill("8")
    page.get_by_label("调整的理由").fill("经费没有单列")
    page.get_by_role("button", name="保存调整").click()
    desk.saved()
    desk.find(DRILLS)
    page.keyboard.press("v")
    page.get_by_label("现场看什么").fill("看演练记录")
    page.get_by_role("button", name="列入现场核查").click()
    desk.saved()
    page.get_by_label("查找指标").fill("")
    agrees_to_the_rest(desk)
    desk.notice.get_by_role("button", name="撤销").click()
    expect(desk.notice).to_contain_text("已撤销")
    agrees_to_the_rest(desk)


def agrees_to_the_rest(desk):
    desk.page.get_by_role("button", name=re.compile("认可列出的")).click()
    expect(desk.notice).to_contain_text("已认可")


def looks_on_site(page, site):
    trip = Trip(page, site)
    expect(page.locator(".zo-visit")).to_contain_text("看演练记录")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.set_offline(True)
    trip.add(2)
    trip.shoot((200, 40, 40))
    expect(trip.status).to_contain_text("已存在本机")
    page.context.set_offline(False)
    trip.sent()
    page.get_by_role("radio", name="认可").click()
    trip.sent()


def signs(page):
    """Sign what was said at the desk and on site; return the total of it."""
    page.reload()
    desk = ReviewDesk.of(page)
    desk.find(DRILLS)
    expect(page.locator(".zr-claim")).to_contain_text("您在现场看到：2 次，照片 1 张")
    return sign(desk)


def agrees_to_all(page, site):
    desk = ReviewDesk(page, site)
    agrees_to_the_rest(desk)
    return sign(desk)


def sign(desk):
    desk.tab("签署")
    panel = desk.page.locator(".zr-panel")
    panel.get_by_label("我已逐项核对").check()
    panel.get_by_role("button", name="签署").click()
    expect(desk.notice).to_contain_text("已签署")
    told = desk.page.locator(".zr-tools").inner_text()
    return re.search(r"按您的意见 ([\d.]+) / ", told)[1]


# What becomes public ----------------------------------------------------------------------------------------------------------


def ends_the_review_and_publishes(chief):
    """End the review, look at what would become public, publish it; return the total in it."""
    step(chief, "结束评审")
    chief.go("公布", "管理")
    return publishes(chief, "公示", "公示 1 所学校的结果", "已办：公示")


def publishes(chief, what, button, told):
    shown = chief.page.get_by_text(re.compile(r"^[\d.]+ / [\d.]+ 分$")).inner_text()
    chief.tick(f"以上内容已经核对，现在{what}")
    chief.click(button)
    chief.sees(told)
    return shown.partition(" / ")[0]


def anybody_reads_and_verifies(site, chromium, total, kind):
    """Find the result without an account, and learn that the file is genuine and that a changed one is not."""
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.address}/public")
    page.locator(".list li").filter(has_text=kind).filter(has_text=ROUND).get_by_role("link").click()
    expect(page.locator("td.number")).to_contain_text(f"{total} /")
    anybody = Person(page)
    document, signature = anybody.takes("公布的文件（JSON）"), anybody.takes("签名")
    page.get_by_role("link", name="核验", exact=True).first.click()
    verifies(page, document, signature)
    expect(page.locator(".verdict")).to_contain_text("是本系统发出的原件，没有改动")
    digit = "2" if total.endswith("1") else "1"
    verifies(page, document.replace(total.encode(), (total[:-1] + digit).encode()), signature)
    expect(page.locator(".came.no .verdict")).to_be_visible()
    context.close()


def verifies(page, document, signature):
    page.get_by_text("还有签名或证明？").click()
    for label, content in (("报告", document), ("签名", signature)):
        page.get_by_label(label, exact=True).set_input_files(
            {"name": f"{label}.json", "mimeType": "application/json", "buffer": content}
        )
    page.get_by_role("button", name="核验", exact=True).click()


# An appeal --------------------------------------------------------------------------------------------------------------------


def contests(approver):
    approver.go("异议")
    approver.tick("只列评审改动过的 1 项")
    approver.pick("指标", "年度计划")
    approver.write("异议的理由", "经费在后勤专项里单列，见附件三")
    approver.click("提出异议……")
    approver.click("确认提出")
    approver.sees("已提出的异议", "等待复核")


def lets_another_look_again(chief):
    chief.go("公布", "管理")
    chief.part("异议")
    chief.sees("经费在后勤专项里单列，见附件三")
    chief.pick("异议", "年度计划")
    chief.pick("专家", "inspector-04")
    chief.click("指派 1 条")
    chief.sees("已指派复核专家：")
    step(chief, "进入复核")


def decides_for_the_university(page):
    page.get_by_role("link", name="复核异议").click()
    expect(page.locator(".zr-finding")).to_contain_text("经费没有单列")
    page.get_by_role("radio", name="改定").click()
    page.get_by_label("分数，").fill("10")
    page.get_by_label("复核的理由").fill("附件三列有经费")
    page.get_by_role("button", name="作出复核决定").click()
    expect(page.locator(".zf-notice")).to_contain_text("复核决定已记下")


def grades_and_publishes(chief):
    chief.go("公布", "管理")
    chief.part("定级")
    chief.tick("以上内容已经核对，现在定级")
    chief.click("给 1 所学校定级")
    chief.sees("已定级：")
    return publishes(chief, "公布定级", "公布上面的定级", "已办：公布定级")


def learns_what_became_of_the_appeal(approver):
    approver.go("异议")
    approver.sees("改定为 10 分", "附件三列有经费")
