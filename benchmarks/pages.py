"""How soon does the new score stand on the fill-in page after a click, and how soon is the page there at all?

A section with 200 questions, against the least that the pages' library can do: a page with one button, in the same run and
the same browser, clicks in turns. Printed are median and p95 in milliseconds, and the ratios; also with the browser's
processor slowed down four times. The promise: a click at most 1.5 times the floor at the median and twice at p95, the
first load at most twice the floor's. `python benchmarks/pages.py`
"""

import io
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portal"))

import desks
import served
from playwright.sync_api import Browser, Page, sync_playwright

from engine.load import load
from portal.demo.people import Person, admit
from portal.moment import now, text_of
from portal.policy import Member
from portal.portal import Portal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.use_cases import places
from tools.find_browser import find

ROOT = Path(__file__).resolve().parents[1]
ITEMS, EACH, CLICKS, LOADS = 50, 4, 40, 7
MEDIAN, P95, LOAD = 1.5, 2.0, 2.0
SLOW = 4

FLOOR = """import streamlit as st
st.session_state.setdefault("count", 0)
if st.button("加一"):
    st.session_state["count"] += 1
st.html(f'<p class="count">{st.session_state["count"]}</p>')
"""

PAINTED = """([what, where]) => new Promise((done) => {
  const inside = (root) => root.querySelector(where) ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot)
    .filter(Boolean).map((one) => one.querySelector(where)).find(Boolean);
  const target = inside(document), before = target.textContent, begin = performance.now();
  const root = target.getRootNode() === document ? document.body : target.getRootNode();
  const look = new MutationObserver(() => {
    if (inside(document)?.textContent === before) return;
    look.disconnect();
    requestAnimationFrame(() => { const port = new MessageChannel(); port.port1.onmessage = () => done(performance.now() - begin); port.port2.postMessage(0); });
  });
  look.observe(root, { childList: true, characterData: true, subtree: true });
  what.click();
})"""


def rules(root: Path) -> None:
    """Write a standard with one section of so many questions."""
    facts = [
        f"- {{id: c.f{at}, ask: 第 {at} 个问题是否做到, answer: yes_no, evidence: 记录}}"
        for at in range(ITEMS * EACH)
    ]
    items = []
    for item in range(ITEMS):
        parts = "".join(
            f"\n    - {{points: 1, when: {{c.f{item * EACH + part}: true}}}}" for part in range(EACH)
        )
        items.append(f"- id: i{item}\n  title: 第 {item} 项\n  points: {EACH}\n  score:\n    items:{parts}")
    total = ITEMS * EACH
    written = {
        "checklists/c.yaml": "checklist: {id: c, title: 清单, desk: 饮食中心, subject: 食堂}\nfacts:\n"
        + "\n".join(facts),
        "rules/t/1/standard.yaml": f"id: t\nedition: '1'\ntitle: 试行标准\nstatus: draft\nper: 食堂\ntotal: {total}\nsections: [1-a.yaml]\n",
        "rules/t/1/1-a.yaml": f"section: {{id: a, title: 甲区, points: {total}}}\nindicators:\n"
        + "\n".join(items),
    }
    for name, text in written.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    shutil.copytree(ROOT / ".streamlit", root / ".streamlit")


def world(folder: Path, root: Path) -> dict[str, str]:
    """Make a portal with one university that fills in, and return the environment that serves it."""
    environment = served.prepared(folder) | {"ZHUNSHENG_RULES": str(root)}
    library, problems = load(root)
    assert not problems, problems[:2]
    desk = desks.Desk(
        Portal(open_store(str(folder / "zhunsheng.db")), Folder(folder / "evidence"), lambda: library)
    )
    desk.time[0] = now()
    chief = desk.people["secretary"] = desks.account(desk, "秘书", Member("secretariat"))
    desk.ids["A"] = places.register_university(desk.portal, chief, "10001", "某大学", op_id=desk.op()).id
    place = places.register_place(
        desk.portal, chief, desk.ids["A"], "one", "食堂", "第一食堂", op_id=desk.op()
    )
    desk.ids["place A"] = place.id
    desk.ids["round"] = desks.new_round(desk, "t", "1", now().date().isoformat(), names="A")
    filler = Person("filler", "张三", "filler", desk.ids["A"])
    desk.portal.database.write(lambda connection: admit(connection, [filler], text_of(now())))
    desk.portal.database.close()
    return environment


@contextmanager
def floor(folder: Path) -> Iterator[str]:
    """Serve the page with one button, set up as ours is."""
    script = folder / "floor.py"
    script.write_text(FLOOR, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen(  # noqa: S603  our own script
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            try:
                with urlopen(f"{address}_stcore/health", timeout=5):  # noqa: S310  our own address
                    break
            except (URLError, OSError):
                time.sleep(0.1)
        else:
            raise TimeoutError("the page with one button does not start")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def signed_in(browser: Browser, address: str) -> Page:
    """Return a page of the filler, on the canteen."""
    page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}sign-in")
    page.fill("input[name=login]", "filler")
    page.fill("input[name=password]", served.PASSWORD)
    page.click("button[type=submit]")
    page.goto(f"{address}fill")
    seat = page.get_by_label("填哪一处")
    value = seat.locator("option").filter(has_text="第一食堂").get_attribute("value")
    seat.select_option(value)
    page.wait_for_selector('[data-fact="c.f199"]')
    return page


def clicked(page: Page, what: str, where: str) -> float:
    """Click and return after how many milliseconds the change was painted."""
    return float(page.evaluate(PAINTED, [page.locator(what).first.element_handle(), where]))


def loaded(page: Page, sign: str) -> float:
    """Load a page anew and return after how many milliseconds the sign is there."""
    begin = time.perf_counter()
    page.reload(wait_until="commit")
    page.wait_for_selector(sign)
    return (time.perf_counter() - begin) * 1000


def spread(times: list[float]) -> tuple[float, float]:
    """Return median and p95."""
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


def turns(
    count: int, ours: Callable[[int], float], least: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Measure both in turns."""
    found = [(ours(turn), least()) for turn in range(count)]
    return [one for one, _ in found], [one for _, one in found]


def measured(ours: Page, least: Page) -> tuple[list[str], bool]:
    """Measure clicks and loads of both pages; return the lines to print, and whether the promise is kept."""
    fine, lines = True, list[str]()
    for slow in (1, SLOW):
        for page in (ours, least):
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slow})

        def click(turn: int) -> float:
            option = f'[data-fact="c.f{turn // 2}"] [role=radio]:nth-child({1 + turn % 2})'
            return clicked(ours, option, ".zf-total")

        mine, theirs = turns(CLICKS, click, lambda: clicked(least, "button:has-text('加一')", ".count"))
        (median, worst), (floor_median, floor_worst) = spread(mine[2:]), spread(theirs[2:])
        kept = median <= MEDIAN * floor_median and worst <= P95 * floor_worst
        fine = fine and kept
        name = "点一下" if slow == 1 else f"点一下，浏览器慢 {slow} 倍"
        lines.append(
            f"{name:<16} {median:7.1f} / {worst:7.1f}   最低 {floor_median:7.1f} / {floor_worst:7.1f}   {median / floor_median:.2f} / {worst / floor_worst:.2f} 倍"
        )
    for page in (ours, least):
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 1})
    mine, theirs = turns(LOADS, lambda _: loaded(ours, ".zf-total"), lambda: loaded(least, ".count"))
    median, floor_median = statistics.median(mine), statistics.median(theirs)
    fine = fine and median <= LOAD * floor_median
    lines.append(
        f"{'打开':<16} {median:7.0f}             最低 {floor_median:7.0f}             {median / floor_median:.2f} 倍"
    )
    return lines, fine


def main() -> int:
    """Measure and print."""
    with redirect_stdout(io.StringIO()), tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        root = folder / "root"
        rules(root)
        address = running.enter_context(served.serving(world(folder / "data", root), folder / "server.log"))
        other = running.enter_context(floor(folder))
        browser = running.enter_context(sync_playwright()).chromium.launch(
            executable_path=find(), args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
        )
        least = browser.new_page()
        least.goto(other)
        least.wait_for_selector(".count")
        lines, fine = measured(signed_in(browser, address), least)
        browser.close()
    print(f"{ITEMS * EACH} 个问题的分区；毫秒，中位 / p95", *lines, sep="\n")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
