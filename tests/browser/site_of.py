"""A whole portal as people use it: data of a small demonstration, a server that can be killed, people signed in."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import expect

from portal.command.operations import demonstration, prepare
from portal.demo.filling import fill
from portal.demo.people import PASSWORD
from portal.opening import open_portal
from portal.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds; only a broken site waits that long
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

expect.set_options(timeout=30_000)


def environment(folder):
    """Return what a server in a folder is told."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ZHUNSHENG_")}
    return {**own, "ZHUNSHENG_DATA": str(folder), "ZHUNSHENG_RULES": str(ROOT), "PYTHONUTF8": "1"}


def prepared(folder, books):
    """Fill a demonstration and return its folder."""
    settings = demonstration(environment(folder))
    prepare(settings, lambda _: None)
    found, problems = read_settings(settings)
    assert found is not None, problems
    opened = open_portal(found, alone=True, checked=False)
    assert not isinstance(opened, list), opened
    with opened as here:
        fill(here.portal, ROOT / "samples", datetime.now(UTC), books)
    return folder


class Site:
    """A server in a folder of its own; it may be killed and started again at the same address."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = (folder / "server.log").open("ab")
        self.process = None
        self.start()

    def start(self):
        """Start the server and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.command", "demo"],
            cwd=ROOT,
            env={**environment(self.folder), "ZHUNSHENG_LISTEN": f"127.0.0.1:{self.port}"},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + PATIENCE
        while not self.alive():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < end, self.told()
            time.sleep(0.1)

    def alive(self):
        """Whether the server answers."""
        try:
            with urlopen(f"{self.address}/readyz", timeout=5) as answer:  # noqa: S310  our own address
                return answer.status == 200
        except (URLError, OSError):
            return False

    def kill(self):
        """End the server as a power cut does."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """End the server as an administrator does."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self.log.close()

    def told(self):
        """Return what the server said."""
        return (self.folder / "server.log").read_text("utf-8")

    @contextmanager
    def person(self, browser, login, size=DESK, **more):
        """Sign somebody in, in a browser of their own, and give their page."""
        context = browser.new_context(viewport=size, locale="zh-CN", **more)
        context.set_default_timeout(30_000)
        page = context.new_page()
        self.sign_in(page, login)
        try:
            yield page
        finally:
            context.close()

    def sign_in(self, page, login):
        """Sign somebody in on a page."""
        page.goto(f"{self.address}/sign-in")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    @contextmanager
    def full_disk(self):
        """Let no file of the server grow, as on a disk without room."""
        _, most = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (0, most))
        try:
            yield
        finally:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def served(prepared_folder, folder):
    """Serve a copy of a prepared folder."""
    shutil.copytree(prepared_folder, folder)
    found = Site(folder)
    try:
        yield found
    finally:
        found.stop()


def free_port():
    """Return a port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
