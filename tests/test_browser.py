"""The page in a real browser, on a desk and on a phone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser import looking
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright  # noqa: A004
from served import PASSWORD, prepared, serving

from engine.verify import verify

PATIENCE = 120_000  # milliseconds; only a broken page waits that long
SIZES = {"desk": (1280, 900), "phone": (390, 844)}

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve a portal for this module."""
    folder = tmp_path_factory.mktemp("browser")
    with serving(prepared(folder / "data"), folder / "serve.log") as found:
        yield found


@pytest.fixture(scope="module")
def browser(browser_path):
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
        started = playwright.chromium.launch(executable_path=browser_path, args=options)
        yield started
        started.close()


@pytest.fixture(params=SIZES)
def page(request, browser, address):
    """Open the page; nothing may be fetched from elsewhere, and no script may fail."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
    )
    context.set_default_timeout(PATIENCE)
    one = context.new_page()
    elsewhere, failed = [], []
    one.on("request", lambda asked: elsewhere.append(asked.url))
    one.on("pageerror", lambda error: failed.append(str(error)))
    sign_in(one, address)
    one.goto(f"{address}samples")
    broken = (
        one.get_by_test_id("stAlert").filter(has_text="程序出了意外").or_(one.get_by_test_id("stException"))
    )
    one.locator(".st-key-edition input").or_(broken).first.wait_for()
    assert broken.all_text_contents() == [], "see the log of the server in the captured output"
    choose_book(one, "社会组织评估")
    choose(one, "excellent")
    yield one
    context.close()
    own = (address, address.replace("http:", "ws:"), "data:", "blob:")
    assert [url for url in elsewhere if not url.startswith(own)] == []
    assert failed == []


def sign_in(page: Page, address: str, login: str = "secretariat") -> None:
    """Sign in, and wait for the page one arrives on."""
    page.goto(address)
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.locator(".zs-who").wait_for()


def choose_book(page: Page, title: str) -> None:
    """Choose a standard and wait until its samples can be chosen."""
    settled(page)
    pick(page, "edition", title)
    settled(page)
    page.locator(".st-key-sample input").wait_for()


def choose(page: Page, sample: str) -> None:
    """Choose a sample and wait until the page shows it whole."""
    settled(page)
    pick(page, "sample", f"（{sample}）")
    expect(page.get_by_test_id("stCaptionContainer").filter(has_text=f"/{sample}.yaml")).to_be_visible(
        timeout=PATIENCE
    )
    settled(page)


def pick(page: Page, key: str, words: str) -> None:
    """Choose an option; a menu that closes because the page was drawn anew is opened again."""
    option = page.get_by_role("option").filter(has_text=words)
    for _ in range(5):
        page.locator(f".st-key-{key} input").click()
        try:
            option.click(timeout=10_000)
        except TimeoutError:
            page.keyboard.press("Escape")
        else:
            return
    option.click()


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE
    )
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def number(page: Page, label: str):
    box = page.get_by_test_id("stMetric").filter(has_text=label)
    return box.get_by_test_id("stMetricValue")


def test_association_gets_an_interval_that_fits_the_screen(page):
    expect(number(page, "总分")).to_have_text("1000")
    choose(page, "association-2023")
    expect(number(page, "总分")).to_have_text("38–1000")
    expect(number(page, "等级")).to_have_text("待定")
    expect(page.get_by_test_id("stAlert")).to_contain_text("不是安徽省民政厅或协会的官方文本")
    chart = page.locator(".st-key-sections").get_by_test_id("stVegaLiteChart")
    expect(chart).to_have_attribute("aria-label", re.compile("党的建设 20–100 / 100 分"))
    assert looking.too_wide(page) == []
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载成绩单").click()
    download = waiting.value
    assert download.suggested_filename == "association-2023.scorecard.json"
    card = json.loads(Path(download.path()).read_text("utf-8"))
    assert card["total"] == {"low": "38", "high": "1000"}
    assert verify(card) == []


def test_everything_folded_away_fits_the_screen_too(page):
    choose(page, "vetoed")
    expect(number(page, "等级")).to_have_text("不予评定")
    closed = page.locator("[data-testid=stExpander] details:not(.zs-fold):not([open]) > summary")
    while left := closed.count():
        closed.first.click()
        expect(closed).to_have_count(left - 1)
    page.evaluate("document.querySelectorAll('details.zs-fold').forEach(one => one.open = true)")
    expect(page.locator(".zs-fold").last).to_be_visible()
    assert looking.too_wide(page) == []


def test_filter_keeps_what_it_names(page):
    choose(page, "typical")
    page.locator(".st-key-filter").get_by_text("缺项", exact=True).click()
    badges = page.locator(".zs-head .zs-badge")
    expect(page.locator(".zs-head .zs-full")).to_have_count(0)
    settled(page)
    assert set(badges.all_text_contents()) == {"缺项"}


# Coming and going ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=SIZES)
def visitor(request, browser):
    """Give a browser at the size of a desk and of a phone; no script may fail, and no rule of ours may be broken."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    one, failed = context.new_page(), []
    one.on("pageerror", lambda error: failed.append(str(error)))
    one.on(
        "console", lambda said: failed.append(said.text) if "Content Security Policy" in said.text else None
    )
    yield one
    context.close()
    assert failed == []


def test_one_signs_in_sees_what_waits_and_signs_out(visitor, address):
    visitor.goto(f"{address}home")
    expect(visitor).to_have_url(re.compile("/sign-in"))
    visitor.get_by_label("账号").fill("secretariat")
    visitor.get_by_label("密码").fill("not the password")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_contain_text("账号或密码不正确")
    assert looking.too_wide(visitor) == []
    assert looking.english(visitor) == []
    sign_in(visitor, address)
    expect(visitor.get_by_role("heading", name="待办")).to_be_visible()
    expect(visitor.locator(".zs-who")).to_contain_text("秘书处")
    expect(visitor.locator("html")).to_have_attribute("lang", "zh-CN")
    settled(visitor)
    assert looking.too_wide(visitor) == []
    assert looking.english(visitor) == []
    visitor.get_by_role("button", name="退出").click()
    expect(visitor.get_by_role("status")).to_contain_text("已退出登录")
    visitor.goto(address)
    expect(visitor).to_have_url(re.compile("/sign-in"))


def test_on_a_phone_the_navigation_unfolds_and_folds_again(browser, address):
    width, height = SIZES["phone"]
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.set_default_timeout(PATIENCE)
    sign_in(page, address)
    page.get_by_role("button", name="展开菜单").click()
    expect(page.get_by_role("link", name="待办")).to_be_visible()
    expect(page.locator(".zs-who")).to_be_hidden()
    page.get_by_role("button", name="收起菜单").click()
    expect(page.locator(".zs-who")).to_be_visible()
    page.context.close()


def test_signing_out_in_one_tab_closes_the_other(visitor, address):
    sign_in(visitor, address)
    other = visitor.context.new_page()
    other.goto(address)
    other.locator(".zs-who").wait_for()
    visitor.get_by_role("button", name="退出").click()
    expect(other).to_have_url(re.compile("/sign-in.over"))
    expect(other.get_by_role("status")).to_contain_text("登录已失效")
