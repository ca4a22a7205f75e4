"""Evidence over a real line: up in parts or at once, down whole, in part or not again; little memory, and no half truths."""

import http.client
import json
import random
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import desks
import pytest
import wire
from sqlalchemy import update
from test_api import Calling

from portal.api import shield, streams
from portal.api.app import create
from portal.evidence import serving
from portal.policy import Member
from portal.store.blobs import CHUNK
from portal.store.database import open_store
from portal.store.tables import assessments, log
from tests.portal.good_files import pdf, photo, saved, scene

ROOT = Path(__file__).parents[2]
FACT = "c.licence"


class Line(Calling):
    """The world of filling in over a real server."""

    port = 0

    def ask(self, method, path, body=b"", *, who="filler", **headers):
        if method != "GET":
            headers.setdefault("Idempotency_Key", f"line-{next(self.count)}")
        return wire.ask(self.port, method, path, self.tokens[who], body, **headers)

    def place(self, fact=FACT):
        return f"/assessments/{self.desk.ids['a']}/subjects/{self.desk.ids['canteen']}/evidence/{fact}"

    def add(self, content, name="许可证 副本.jpg", **more):
        status, _, told = self.ask("POST", f"{self.place()}?name={quote(name)}", content, **more)
        assert status == 200, told.decode()
        return json.loads(told)

    def reader(self):
        """Let it be handed in, and return the name of somebody of the secretariat."""
        self.desk.portal.database.write(
            lambda c: c.execute(
                update(assessments).where(assessments.c.id == self.desk.ids["a"]).values(state="已提交")
            )
        )
        self.desk.people["reader"] = desks.account(self.desk, "周九", Member("secretariat"))
        self.tokens["reader"] = self.token(self.desk.people["reader"])
        return "reader"


@pytest.fixture
def line(sqlite_address, tmp_path):
    store = open_store(sqlite_address)
    found = Line(desks.make(store, tmp_path / "blobs"))
    with wire.served(create(found.desk.portal)) as port:
        found.port = port
        yield found
    store.close()


def told(answer, status, code=None):
    assert answer[0] == status, answer[2][:300].decode()
    body = json.loads(answer[2])
    assert answer[1]["content-type"] == "application/problem+json"
    assert "。" in body["detail"]
    assert code in (None, body["code"])
    return body


def large():
    """Make a picture of some megabytes."""
    noise = random.Random(3).randbytes(1300 * 1300 * 3)  # noqa: S311  the same each time
    from PIL import Image  # noqa: PLC0415

    return saved(Image.frombytes("RGB", (1300, 1300), noise), "PNG")


# Up ---------------------------------------------------------------------------------------------------------------


def test_a_file_of_some_megabytes_goes_up_at_once(line):
    """More than any other request may bring."""
    content = large()
    assert len(content) > shield.MAX_BODY
    piece = line.add(content, "大图.png")
    assert (piece["name"], piece["size"]) == ("大图.png", len(content))
    assert line.ask("GET", f"/evidence/{piece['id']}")[2] == content


def test_a_file_goes_up_in_parts_over_lines_that_break(line):
    content = large()
    begun = json.dumps({"name": "大图.png", "size": len(content)}).encode()
    path = f"/assessments/{line.desk.ids['a']}/subjects/{line.desk.ids['canteen']}/uploads/{FACT}"
    status, _, said = line.ask("POST", path, begun, Content_Type="application/json")
    upload = json.loads(said)
    assert status == 200, said
    parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    head = (
        f"PUT /uploads/{upload['id']}/chunks/0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {line.tokens['filler']}\r\n"
        f"Idempotency-Key: cut\r\nContent-Length: {CHUNK}\r\n\r\n"
    ).encode()
    wire.raw(line.port, head + parts[0][:5000])  # the line breaks in the middle of a part
    arrived = json.loads(line.ask("GET", f"/uploads/{upload['id']}")[2])["arrived"]
    assert arrived == []
    for number in reversed(range(len(parts))):
        for _ in range(2):  # the answer was lost, so it is sent again
            status, _, said = line.ask("PUT", f"/uploads/{upload['id']}/chunks/{number}", parts[number])
            assert status == 200, said
    waiting = line.ask("PUT", f"/uploads/{upload['id']}/chunks/0", bytes(CHUNK))
    told(waiting, 409, "evidence.changed")
    for _ in range(2):
        status, _, said = line.ask(
            "POST",
            f"/uploads/{upload['id']}/finish",
            b"{}",
            Idempotency_Key="end",
            Content_Type="application/json",
        )
        assert status == 200, said
    assert line.ask("GET", f"/evidence/{json.loads(said)['id']}")[2] == content


def test_what_is_too_large_is_refused_before_it_is_sent_and_while_it_comes(line):
    path = f"{line.place()}?name=a.txt"
    body = told(line.ask("POST", path, b"a" * ((20 << 20) + 5)), 413, "evidence.too_large")
    assert "20 MB" in body["detail"]
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {line.tokens['filler']}\r\nIdempotency-Key: k\r\n"
    said = wire.raw(line.port, (head + "Content-Length: 99999999\r\n\r\n").encode(), end=False)
    assert said.startswith(b"HTTP/1.1 413")
    chunk = b"100000\r\n" + b"a" * (1 << 20) + b"\r\n"
    said = wire.raw(
        line.port, (head + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunk * 22 + b"0\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 413")
    assert list(line.desk.portal.blobs.each()) == []


# Down -------------------------------------------------------------------------------------------------------------


def test_a_file_comes_down_to_be_saved_and_can_do_nothing(line):
    piece = line.add(photo())
    status, headers, content = line.ask("GET", f"/evidence/{piece['id']}")
    assert (status, content) == (200, photo())
    assert headers["content-disposition"] == (
        "attachment; filename=\"evidence.jpg\"; filename*=UTF-8''%E8%AE%B8%E5%8F%AF%E8%AF%81%20%E5%89%AF%E6%9C%AC.jpg"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'; sandbox;")
    assert headers["cache-control"] == "private, no-store"
    assert headers["content-length"] == str(len(content))
    assert headers["etag"] == f'"{piece["sha256"]}"'
    shown = line.ask("GET", f"/evidence/{piece['id']}/preview")
    assert (shown[0], shown[1]["content-type"]) == (200, "image/jpeg")
    told(line.ask("GET", f"/evidence/{piece['id']}?inline=true"), 404, "evidence.no_preview")
    original = pdf()
    document = line.add(original, "制度.pdf")
    status, headers, content = line.ask("GET", f"/evidence/{document['id']}?inline=true")
    assert (status, content) == (200, original)
    assert headers["content-disposition"].startswith("inline")
    assert "sandbox" in headers["content-security-policy"]


SIZE = 3_200_000


@pytest.fixture
def long(line):
    """Give a text of three pieces and more, and where it is."""
    content = b"".join(b"%07d\n" % number for number in range(SIZE // 8))
    return content, f"/evidence/{line.add(content, 'a.txt')['id']}"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=1048570-1048580", 1048570, 1048580),
        ("bytes=5-3100000", 5, 3_100_000),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=3199990-", 3_199_990, SIZE - 1),
        ("bytes=100-999999999999", 100, SIZE - 1),
        ("bytes=-99999999", 0, SIZE - 1),
    ],
)
def test_a_part_is_a_part(line, long, asked, first, last):
    content, path = long
    status, headers, found = line.ask("GET", path, Range=asked)
    assert status == 206
    assert headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert headers["content-length"] == str(last - first + 1)
    assert found == content[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=9-3",
        "bytes=-",
        "bytes=x-9",
        "lines=0-9",
        "bytes=" + ",".join(["0-0"] * 500),
        "bytes=0-" + "9" * 40,
    ],
)
def test_what_is_no_part_is_answered_whole(line, long, asked):
    content, path = long
    status, _, found = line.ask("GET", path, Range=asked)
    assert (status, found) == (200, content)


def test_a_part_that_is_not_there(line, long):
    answer = line.ask("GET", long[1], Range=f"bytes={SIZE}-")
    assert answer[1]["content-range"] == f"bytes */{SIZE}"
    told(answer, 416)
    told(line.ask("GET", long[1], Range="bytes=-0"), 416)


def test_what_is_known_is_not_sent_again(line, long):
    content, path = long
    tag = line.ask("GET", path)[1]["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        status, headers, found = line.ask("GET", path, If_None_Match=known)
        assert (status, found, headers["etag"]) == (304, b"", tag)
    assert line.ask("GET", path, If_None_Match='"other"')[0] == 200
    assert line.ask("GET", path, Range="bytes=0-9", If_Range=tag)[0] == 206
    assert line.ask("GET", path, Range="bytes=0-9", If_Range='"other"')[2] == content
    told(line.ask("GET", path, If_Match='"other"'), 412)
    assert line.ask("GET", path, If_Match=tag)[0] == 200


# Damage, and eyes that are not the university's own ------------------------------------------------------------------


def damage(line, sha256, at):
    path = line.desk.portal.blobs.path(sha256)
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"X")


@pytest.mark.parametrize(
    ("at", "headers"),
    [
        (3, {}),
        (SIZE - 2, {}),
        (SIZE - 2, {"Range": "bytes=0-1999999"}),
        (1_500_000, {"Range": "bytes=0-9"}),
    ],
)
def test_what_is_found_damaged_on_the_way_never_arrives_whole(line, long, at, headers):
    _, path = long
    damage(line, line.ask("GET", path)[1]["etag"].strip('"'), at)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        line.ask("GET", path, **headers)
    assert line.ask("GET", "/rounds")[0] == 200  # the server goes on


def test_a_damaged_preview_is_not_sent_at_all(line):
    piece = line.add(saved(scene(1500, 1200), "PNG"), "a.png")
    damage(line, piece["preview"], 2000)
    told(line.ask("GET", f"/evidence/{piece['id']}/preview"), 503, "evidence.lost")


def test_without_the_check_damage_arrives_whole(line, long, monkeypatch):
    _, path = long
    monkeypatch.setattr(serving, "verified", lambda pieces, _: pieces)
    damage(line, line.ask("GET", path)[1]["etag"].strip('"'), 9)
    assert line.ask("GET", path)[0] == 200


def test_a_layer_between_does_not_mend_what_is_cut(line, long):
    """Layers of the usual kinds: one that ends whatever was begun, and one that compresses and so tells no length."""
    from starlette.middleware.base import BaseHTTPMiddleware  # noqa: PLC0415
    from starlette.middleware.gzip import GZipMiddleware  # noqa: PLC0415

    async def passing(request, go_on):
        return await go_on(request)

    damage(line, line.ask("GET", long[1])[1]["etag"].strip('"'), 9)
    api = create(line.desk.portal)
    for layered in (BaseHTTPMiddleware(api, passing), GZipMiddleware(api)):
        with wire.served(layered) as port:
            line.port = port
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                line.ask("GET", long[1], Accept_Encoding="gzip")


def test_evidence_of_another_university_is_not_there(line):
    piece = line.add(photo())
    for who in ("stranger", "inspector", "observer"):
        for path in (f"/evidence/{piece['id']}", f"/evidence/{piece['id']}/preview"):
            for headers in ({}, {"Range": "bytes=0-0"}, {"If_None_Match": f'"{piece["sha256"]}"'}):
                told(line.ask("GET", path, who=who, **headers), 404)
    told(line.ask("GET", f"/evidence/{'0' * 26}", who="stranger"), 404)


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-0"}, {"If_None_Match": "*"}])
def test_a_look_of_another_is_in_the_trail_before_the_first_byte(line, headers):
    piece = line.add(photo())
    who = line.reader()
    seen = []
    pieces = type(line.desk.portal.blobs).read

    def read(blobs, sha256):
        seen.append(len(line.desk.rows(log, log.c.action == "evidence.read")))
        return pieces(blobs, sha256)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(line.desk.portal.blobs), "read", read)
        assert line.ask("GET", f"/evidence/{piece['id']}", who=who, **headers)[0] in (200, 206, 304)
        assert line.ask("GET", f"/evidence/{piece['id']}/preview", who=who)[0] == 200
    assert seen == [1, 2]
    assert {row.actor for row in line.desk.rows(log, log.c.action == "evidence.read")} == {
        line.desk.people["reader"].id
    }


# Memory -----------------------------------------------------------------------------------------------------------

SERVER = """
import sys, uvicorn
sys.path[:0] = [{tests!r}, {root!r}]
import desks
from engine.load import load_texts
from portal.api import streams
from portal.api.app import create
from portal.portal import Portal
from portal.store.blobs import Folder
from portal.store.database import open_store
streams.IN_MEMORY = {in_memory}
from pathlib import Path
from portal.moment import moment_of
built, _ = load_texts(desks.library())
portal = Portal(open_store({store!r}), Folder(Path({folder!r})), lambda: built, lambda: moment_of({at!r}))
config = uvicorn.Config(create(portal), port=0, log_config=None, access_log=False, lifespan="off")
server = uvicorn.Server(config)
started = server.startup
async def startup(sockets=None):
    await started(sockets)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
server.startup = startup
server.run()
"""
FILES, FILE = 8, 19 << 20
MOST_GROWTH = 64 << 10
"""Kilobytes that a server may grow by while 152 MB go up and come down."""


def peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system tells no peak of memory")
@pytest.mark.parametrize("in_memory", [streams.IN_MEMORY, 1 << 30])
def test_many_megabytes_need_little_memory(sqlite_address, tmp_path, in_memory):
    """Eight files at once, 19 MB each, up and down; kept in memory instead, they show in it."""
    desk = desks.make(open_store(sqlite_address), tmp_path / "blobs")
    line = Line(desk)
    desk.portal.database.close()
    code = SERVER.format(
        tests=str(Path(__file__).parent),
        root=str(ROOT),
        in_memory=in_memory,
        store=sqlite_address,
        folder=str(tmp_path / "blobs"),
        at=desk.step(),
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as server:
        try:
            line.port = int(server.stdout.readline())
            warm = line.add(b"a\n" * 600_000, "a.txt")
            line.ask("GET", f"/evidence/{warm['id']}")
            before = peak(server.pid)
            found = at_once(line)
            grown = peak(server.pid) - before
        finally:
            server.terminate()
    assert found == [FILE] * FILES
    assert (grown < MOST_GROWTH) is (in_memory == streams.IN_MEMORY), grown


def at_once(line):
    """Send all files up together and fetch each; return their sizes as they came back."""
    found = []

    def one(number):
        content = (b"%015d\n" % number) * (FILE // 16)
        piece = line.add(content, f"{number}.txt")
        found.append(len(line.ask("GET", f"/evidence/{piece['id']}")[2]))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(FILES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
