"""Make a picture of every page, to look at: `python tools/screenshots.py FOLDER [WORDS …]`.

`python tools/screenshots.py --readme` makes those of README.md anew, in `docs/pictures/`.

Serves the demonstration (in `data/`, made on the first run), visits each page as the role it is for, and writes
`NAME-desk.png`, `NAME-desk-dark.png`, `NAME-phone.png` and `NAME-phone-dark.png`; beside them 自评结果 and a published
result as printed on paper. With words only the pages whose names contain one of them.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app_pages.menu import MENU  # noqa: E402
from portal.demo.people import PASSWORD  # noqa: E402
from tools.find_browser import find  # noqa: E402

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
SCHEMES: dict[str, Literal["light", "dark"]] = {"": "light", "-dark": "dark"}
PAPER = (794, 1123)
"""A sheet of A4, in pixels."""
PAINTED = 250
"""Milliseconds until a browser has drawn what is there."""
TALLEST = 5000
"""Pixels; what is longer is cut off there."""
PATIENCE = 60_000
"""Milliseconds; only a broken page takes so long."""

MOUNTED = """() => [...document.querySelectorAll("[data-testid^=stBidiComponent]")].every((one) => {
  const said = (one.shadowRoot ?? one).querySelector(".zf-root, button")?.textContent;
  return said && !said.includes("正在打开……");
})"""
"""Whether the pages that are components stand there."""

Step = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page in one state: who looks, at what address, and what they click before the picture is taken."""

    name: str
    login: str
    address: str
    steps: Sequence[Step] = ()
    paper: bool = False
    """Also as printed."""


# What one does before the picture -------------------------------------------------------------------------------------


def click(selector: str) -> Step:
    """Click the first of what a selector finds, and wait until the page has settled."""

    def step(page: Page) -> None:
        page.locator(selector).first.click()
        settled(page)

    return step


def click_if_there(selector: str) -> Step:
    """Click what was closed; a page that remembers it open needs no click."""

    def step(page: Page) -> None:
        if page.locator(selector).count():
            click(selector)(page)

    return step


def option(words: str) -> Step:
    """Choose one of the buttons in a row by its words."""
    return click(f'[data-testid="stButtonGroup"] button:has-text("{words}")')


ROUND = '[data-testid="stMain"] h3 a, [data-testid="stMain"] h2 a'


def choose(words: str) -> Step:
    """Choose in the first menu of the page."""

    def step(page: Page) -> None:
        page.get_by_test_id("stSelectbox").first.locator("input").click()
        page.get_by_role("option").filter(has_text=words).first.click()
        settled(page)

    return step


TASK = ".zs-task h3 a"
NOBODY = ""
CHART = "各分区"
"""The heading of what README.md shows of a result."""
README = ("fill", "result", "review")
TOUR = (
    Shot("sign-in", NOBODY, "/sign-in"),
    Shot("password", "filler-001", "/password"),
    Shot("sign-out", "filler-001", "/sign-out"),
    Shot("public", NOBODY, "/public"),
    Shot("public-result", NOBODY, "/public", [click(".list h2 a")], paper=True),
    Shot("public-missing", NOBODY, "/public/nothing"),
    Shot("verify", NOBODY, "/verify"),
    Shot("home", "approver-001", "/"),
    Shot("home-secretariat", "secretariat", "/"),
    Shot("home-inspector", "inspector-01", "/"),
    Shot("fill", "filler-001", "/fill", [choose("绿色食堂")]),
    Shot("fill-empty", "filler-120", "/fill"),
    Shot("fill-submit", "approver-001", "/fill", [choose("绿色食堂"), click(".st-key-fill-submit button")]),
    Shot("result", "approver-152", "/result", paper=True),
    Shot("result-whole", "approver-151", "/result"),
    Shot("review-list", "inspector-05", "/review"),
    Shot("review", "inspector-05", "/review", [click(TASK)]),
    Shot("onsite", "inspector-05", "/onsite"),
    Shot("onsite-case", "inspector-05", "/onsite", [click_if_there(".zo-place")]),
    Shot("appeals", "approver-153", "/appeals"),
    *(
        Shot(f"cohort-{place}", "secretariat", "/cohort", [option(words)])
        for place, words in enumerate(("总览", "失分", "自评与评审", "证据", "与上一次"), 1)
    ),
    Shot("rounds", "secretariat", "/rounds"),
    *(
        Shot(f"rounds-{place}", "secretariat", "/rounds", [click(ROUND), option(words)])
        for place, words in enumerate(("进度", "催办", "参评学校", "参评对象", "日期与开关"), 1)
    ),
    *(
        Shot(f"assign-{place}", "secretariat", f"/assign?part={words}")
        for place, words in enumerate(("指派", "推进", "专家"), 1)
    ),
    *(
        Shot(f"publish-{place}", "secretariat", f"/publish?part={words}")
        for place, words in enumerate(("公示", "异议", "定级", "公布记录", "归档"), 1)
    ),
    Shot("users", "secretariat", "/users"),
    Shot("users-admin", "admin", "/users"),
    Shot("users-approver", "approver-001", "/users"),
    Shot("trail", "secretariat", "/trail"),
    Shot("standards", "observer", "/standards"),
    Shot("samples", "observer", "/samples"),
)


# Serving and looking --------------------------------------------------------------------------------------------------


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """Serve the demonstration and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    own = {**os.environ, "ZHUNSHENG_LISTEN": f"127.0.0.1:{port}", "PYTHONUTF8": "1"}
    with log.open("wb") as out:
        command = [sys.executable, "-m", "portal.command", "demo"]
        server = subprocess.Popen(command, cwd=ROOT, env=own, stdout=out, stderr=subprocess.STDOUT)
    try:
        while not answers(address):
            if server.poll() is not None:
                sys.exit(log.read_text("utf-8"))
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def answers(address: str) -> bool:
    """Whether the server is ready."""
    try:
        with urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def settled(page: Page) -> None:
    """Wait until nothing more comes."""
    app = page.get_by_test_id("stApp")
    page.wait_for_load_state("networkidle")
    if app.count():
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        page.locator("[data-stale=true], [data-testid=stSkeleton]").first.wait_for(state="detached")
        page.wait_for_function(MOUNTED)
    page.wait_for_timeout(PAINTED)


def whole(page: Page, size: tuple[int, int]) -> None:
    """Make the window as high as what stands in it."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(PAINTED)
    found = page.evaluate(
        "() => Math.max(document.documentElement.scrollHeight, "
        "...[...document.querySelectorAll('[data-testid=stMain]')].map(one => one.scrollHeight))"
    )
    page.set_viewport_size({"width": width, "height": min(max(found, height), TALLEST)})
    page.wait_for_timeout(PAINTED)


def opened(page: Page, address: str, shot: Shot) -> None:
    """Open a page, and do what is done before the picture."""
    page.goto(f"{address}{shot.address}")
    settled(page)
    for step in shot.steps:
        step(page)


def pictures(page: Page, address: str, shot: Shot, folder: Path) -> None:
    """Take the pictures of one page."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        opened(page, address, shot)
        whole(page, (width, height))
        for dark, scheme in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(PAINTED)
            page.screenshot(path=folder / f"{shot.name}-{size}{dark}.png")
        page.emulate_media(color_scheme="light")
    if shot.paper:
        page.emulate_media(media="print")
        whole(page, PAPER)
        page.screenshot(path=folder / f"{shot.name}-paper.png")
        page.emulate_media(media="screen")


def small(page: Page, address: str, shot: Shot, folder: Path) -> None:
    """Take the one picture of a page that README.md shows, in few colours."""
    page.set_viewport_size({"width": 1280, "height": 800})
    opened(page, address, shot)
    page.locator(f"h3:has-text('{CHART}')").evaluate_all(
        "found => found.forEach((one) => one.scrollIntoView())"
    )
    page.wait_for_timeout(PAINTED)
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
            folder / f"{shot.name}.png", optimize=True
        )


def signed_in(browser: Browser, address: str, login: str) -> Page:
    """Return a page in a browser of somebody's own."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(PATIENCE)
    if login:
        page.goto(f"{address}/sign-in")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def main(arguments: Sequence[str]) -> None:
    """Make the pictures."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.exit(__doc__)
    shown = {shot.address.split("?")[0].lstrip("/") for shot in TOUR}
    if forgotten := [entry.address for entry in MENU if entry.address not in shown]:
        sys.exit(f"Not in the tour: {', '.join(forgotten)}")
    readme = arguments[0] == "--readme"
    folder, words = ROOT / "docs" / "pictures" if readme else Path(arguments[0]), arguments[1:]
    folder.mkdir(parents=True, exist_ok=True)
    tour = [shot for shot in TOUR if not words or any(word in shot.name for word in words)]
    tour = [shot for shot in TOUR if shot.name in README] if readme else tour
    print("Serving the demonstration …", flush=True)
    with (
        tempfile.TemporaryDirectory() as kept,
        serving(Path(kept) / "log") as address,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(
            executable_path=find(), args=["--no-sandbox", "--disable-gpu", "--lang=zh-CN"]
        )
        pages = dict[str, Page]()
        for place, shot in enumerate(tour, 1):
            began = time.monotonic()
            page = pages.get(shot.login) or signed_in(browser, address, shot.login)
            pages[shot.login] = page
            (small if readme else pictures)(page, address, shot, folder)
            print(f"{place}/{len(tour)} {shot.name} ({time.monotonic() - began:.1f} s)", flush=True)
        browser.close()
    print(f"Pictures are in {folder}.")


if __name__ == "__main__":
    main(sys.argv[1:])
