"""How long the gate takes, how fast it cuts a connection off, and whether the sign-in tells who has an account.

Prints medians. What is told by time is a ratio: known to unknown, close to 1.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from playwright.sync_api import sync_playwright
from served import PASSWORD, STAFF, prepared, serving

from portal.moment import now
from portal.opening import open_portal
from portal.people import sessions, throttle
from portal.settings import read_settings
from portal.store.database import open_store
from portal.use_cases.sign_in import sign_in
from tools.find_browser import find

TIMES = 60


def milliseconds(work, times=TIMES):
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found), sorted(found)[int(times * 0.95)]


def sign_ins(portal):
    """Compare a wrong password of a known account with one of nobody; each try comes from an address of its own."""
    number = iter(range(10**6))
    taken = {"known": [], "unknown": []}
    for _ in range(TIMES):
        for kind, login in (("known", STAFF[0].login), ("unknown", "nobody-of-that-name")):
            at = next(number)
            began = time.perf_counter()
            sign_in(portal, login, "wrong guess", f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}")
            taken[kind].append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken[kind]) * 1000 for kind in ("known", "unknown"))
    print(f"wrong password: known {known:.1f} ms, unknown {unknown:.1f} ms, ratio {known / unknown:.3f}")


def main():
    throttle.LIMITS["account"] = throttle.Limit(10**6, *[throttle.LIMITS["account"].first] * 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = prepared(folder / "data")
        opened = open_portal(read_settings(environment)[0])
        with opened:
            sign_ins(opened.portal)
        with serving(environment, folder / "log") as address, sync_playwright() as playwright:
            at_the_gate(address, folder, playwright)


def at_the_gate(address, folder, playwright):
    browser = playwright.chromium.launch(
        executable_path=find(), args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
    )
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    page.get_by_label("账号").fill(STAFF[0].login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.locator(".zs-who").wait_for()
    for path in ("livez", "session", "_stcore/health", "api/v1/rounds"):
        median, late = milliseconds(lambda path=path: context.request.get(f"{address}{path}"))
        print(f"GET /{path}: median {median:.1f} ms, p95 {late:.1f} ms")
    token = next(one["value"] for one in context.cookies() if one["name"] == "zs_session")
    database = open_store(str(folder / "data" / "zhunsheng.db"))
    began = time.perf_counter()
    database.write(lambda connection: sessions.end(connection, token, now()))
    page.wait_for_url("**/sign-in?over*")
    print(f"revoked -> the open page is at the sign-in: {(time.perf_counter() - began) * 1000:.0f} ms")
    database.close()
    browser.close()


if __name__ == "__main__":
    main()
