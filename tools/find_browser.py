"""Find a browser for the browser tests: print its path, or nothing; say on stderr what happened.

`find()` only looks. With `--install` the script also gets one where it may: Debian's package as root, else Playwright's
own download. It always exits with 0: a machine without a browser still runs all other tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
MAC_APPS = ("Chromium", "Google Chrome", "Microsoft Edge")
WINDOWS_FILES = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")
CHOICE = "ZHUNSHENG_BROWSER"


def find() -> str | None:
    """Return the path of the first browser that starts: the one named in ZHUNSHENG_BROWSER, else an installed one."""
    return next((path for path in _candidates() if _starts(path)), None)


def install() -> None:
    """Get a browser from the first source that this machine allows; a source that fails is reported, not raised."""
    if sys.platform == "linux" and shutil.which("apt-get") and os.geteuid() == 0:
        _say(f"正在用 apt-get 安装 {'、'.join(DEBIAN_PACKAGES)}……")
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
        packages = ["install", "-y", "--no-install-recommends", *DEBIAN_PACKAGES]
        if _runs([*apt, "update"]) and _runs([*apt, *packages]) and find():
            return
    _say("正在用 Playwright 下载浏览器……")
    _runs([sys.executable, "-m", "playwright", "install", "chromium"])


def main(arguments: list[str]) -> None:
    """Print the path of a browser, or nothing."""
    path = find()
    if path is None and "--install" in arguments:
        install()
        path = find()
    if path is None:
        _say(
            "找不到 Chromium、Chrome 或 Edge，需要浏览器的测试将不运行，其余照常。"
            f"下一步：装好其中一个再运行 make test；装在别处的，用环境变量 {CHOICE} 指明路径。"
        )
    else:
        _say(f"浏览器：{path}")
        print(path)


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get(CHOICE):
        yield chosen
    yield from filter(None, map(shutil.which, NAMES))
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (str(folder / f"{app}.app/Contents/MacOS/{app}") for app in MAC_APPS)
    if sys.platform == "win32":
        for folder in filter(None, map(os.environ.get, WINDOWS_FOLDERS)):
            yield from (str(Path(folder) / file) for file in WINDOWS_FILES)
    if downloaded := _downloaded_by_playwright():
        yield downloaded


def _downloaded_by_playwright() -> str | None:
    """Ask in a process of its own: Playwright cannot be asked twice, nor from inside a running event loop."""
    question = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    try:
        answer = subprocess.run(
            [sys.executable, "-c", question], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def _starts(path: str) -> bool:
    """Tell whether the file is a browser that works here; a package can leave a mere stub behind."""
    if not Path(path).is_file():
        return False
    if sys.platform == "win32":
        return True  # there, --version would open a window
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def _runs(command: list[str]) -> bool:
    """Run a command with its output on stderr, since stdout carries only the path."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=900, check=False
        )
    except (OSError, subprocess.SubprocessError) as problem:
        _say(f"{command[0]} 没有完成：{problem}")
        return False
    return done.returncode == 0


def _say(message: str) -> None:
    print(f"准绳：{message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
