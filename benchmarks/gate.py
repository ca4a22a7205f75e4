"""What the gate costs a request, and how fast an open page is at the sign-in when its session is revoked.

Prints medians; `livez` passes no gate and is the floor.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402
from served import PASSWORD, STAFF, prepared, serving  # noqa: E402

from portal.moment import now  # noqa: E402
from portal.people import sessions  # noqa: E402
from portal.store.database import open_store  # noqa: E402
from tools.find_browser import find  # noqa: E402

TIMES = 60


def milliseconds(work, times=TIMES):
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found), sorted(found)[int(times * 0.95)]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = prepared(folder / "data")
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
