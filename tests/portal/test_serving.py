"""The application as it is served: API, pages and health in one; chores; real processes that start, log, stop and fall."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select

from engine.load import Library
from portal import chores
from portal.checkpoint import Seal
from portal.chores import Chores
from portal.demo.people import Person, admit
from portal.moment import now
from portal.portal import Portal
from portal.refusal import Refusal
from portal.signing import new_key
from portal.store import migrate
from portal.store.blobs import Folder
from portal.store.database import Unavailable, open_store
from portal.store.tables import checkpoints, universities
from portal.trail import Entry, append
from portal.use_cases.tokens import issue_token
from tools.postgres import PostgreSQL

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-11-26T00:00:00.000000Z"
KEY = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"


# Chores ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def portal(database, tmp_path):
    database.write(lambda c: append(c, Entry("first", "system", AT, "某人", "round.manage", "R1", {})))
    seal = Seal(new_key(), "zhunsheng.example.org/trail")
    return Portal(database, Folder(tmp_path / "evidence"), Library, seal=seal)


def count(portal, table):
    with portal.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_chores_make_one_checkpoint_a_day_and_sweep_what_was_left(portal):
    stray = portal.blobs.root / ".coming-left"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    Chores(portal).once()
    Chores(portal).once()
    assert count(portal, checkpoints) == 1
    assert not stray.exists()
    portal.database.write(lambda c: append(c, Entry("more", "system", AT, "某人", "round.manage", "R1", {})))
    Chores(portal).once()
    assert count(portal, checkpoints) == 1
    Chores(replace(portal, clock=lambda: now() + timedelta(days=2))).once()
    assert count(portal, checkpoints) == 2


def test_chores_look_for_content_without_a_row_once_a_day(portal, monkeypatch):
    looks = []
    monkeypatch.setattr(chores, "tidy", lambda _: looks.append(1) or 0)
    daily = Chores(portal)
    daily.once()
    daily.once()
    assert len(looks) == 1
    daily.portal = replace(portal, clock=lambda: now() + timedelta(hours=25))
    daily.once()
    assert len(looks) == 2


def test_a_chore_that_fails_stops_no_other(portal, monkeypatch):
    monkeypatch.setattr(Folder, "sweep", lambda *_: 1 / 0)
    Chores(portal).once()
    assert count(portal, checkpoints) == 1

    def away(*_):
        raise Unavailable("no answer")

    monkeypatch.setattr(Folder, "sweep", away)
    Chores(portal).once()


def test_chores_run_by_themselves_and_end(portal):
    with Chores(portal, every=0.01) as chores:
        until = time.monotonic() + 20
        while not count(portal, checkpoints):
            assert time.monotonic() < until
    assert not chores._thread.is_alive()


# Real processes -------------------------------------------------------------------------------------------------------


class Server:
    """`zhunsheng serve` in a process of its own."""

    def __init__(self, environment, folder, name):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ZHUNSHENG_")}
        self.path = folder / f"{name}.log"
        with self.path.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.command", "serve"],
                cwd=ROOT,
                env={**kept, **environment, "ZHUNSHENG_LISTEN": f"127.0.0.1:{self.port}", "PYTHONUTF8": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def ask(self, path, **more):
        """Return status and body; None where nobody answers."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", **more)  # noqa: S310  our own address
        try:
            with urlopen(request, timeout=15) as answer:  # noqa: S310  our own address
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()
        except (URLError, OSError):
            return None, b""

    def until(self, path, status, within=90):
        """Wait until an address answers with a status."""
        end = time.monotonic() + within
        while True:
            found = self.ask(path)
            if found[0] == status:
                return found
            assert self.process.poll() is None, self.path.read_text("utf-8")
            assert time.monotonic() < end, (found, self.path.read_text("utf-8"))
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def running(environment, folder, *names):
    servers = [Server(environment, folder, name) for name in names]
    try:
        for one in servers:
            one.until("/readyz", 200)
        yield servers
    finally:
        for one in servers:
            one.process.kill()
            one.process.wait()


def place(folder, address):
    (folder / "secret.key").write_text(KEY, "utf-8")
    (folder / "secret.key").chmod(0o400)
    return {
        "ZHUNSHENG_DATA": str(folder),
        "ZHUNSHENG_DATABASE": address,
        "ZHUNSHENG_RULES": str(ROOT),
        "ZHUNSHENG_EVIDENCE": str(folder / "evidence"),
    }


def test_one_process_serves_everything_says_it_in_lines_and_stops_when_told(sqlite_address, tmp_path):
    environment = place(Path(sqlite_address).parent, sqlite_address)
    with running(environment, tmp_path, "only") as (server,):
        assert server.ask("/livez") == (200, b'{"alive":true}')
        assert server.ask("/api/v1/openapi.json")[0] == 200
        assert server.ask("/api/v1/rounds")[0] == 401
        assert b"<html" in server.ask("/")[1]
        assert b"zhunsheng_requests_total" in server.ask("/metrics")[1]
        second = subprocess.run(
            [sys.executable, "-m", "portal.command", "serve"],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert "另一个准绳程序正在使用" in second.stderr
        assert server.stop() == 0
    first, *rest = server.path.read_text("utf-8").splitlines()
    assert first.startswith("准绳：http://")
    events = [json.loads(line) for line in rest]
    assert {"answered", "Application startup complete."} <= {one["event"] for one in events}
    assert KEY not in server.path.read_text("utf-8")


def test_a_replica_that_is_killed_under_load_loses_nothing_and_ready_follows_the_store(tmp_path):
    """Two replicas on PostgreSQL: one is killed while callers write; then the store goes away and comes back."""
    with PostgreSQL(durable=False) as postgres:
        address = postgres.address("postgres")
        database = open_store(address)
        migrate.upgrade(database)
        token = _token(Portal(database, Folder(tmp_path / "evidence"), Library))
        with running(place(tmp_path, address), tmp_path, "one", "two") as (one, two):
            acknowledged = _load(token, one, two)
            with database.read() as connection:
                there = list(connection.execute(select(universities.c.code)).scalars())
            assert len(there) == len(set(there))
            assert set(acknowledged) <= set(there)
            assert len(acknowledged) == 60
            postgres.kill()
            began = time.monotonic()
            two.until("/readyz", 503)
            assert time.monotonic() - began < 30
            assert two.ask("/livez")[0] == 200
            postgres.start()
            two.until("/readyz", 200)
        database.close()


def _token(portal):
    people = portal.database.write(
        lambda connection: admit(connection, [Person("secretariat", "秘书处", "secretariat")], portal.at())
    )
    found = issue_token(portal, people["secretariat"], "op-token", "测试")
    assert not isinstance(found, Refusal), found
    return found.token


def _load(token, one, two):
    """Let callers register universities at both replicas, kill one half-way, and return what was acknowledged."""
    acknowledged, lock, half = list[str](), threading.Lock(), threading.Event()

    def caller(name):
        for number in range(15):
            code = f"u-{name}-{number}"
            body = json.dumps({"code": code, "title": f"大学 {code}"}).encode()
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"op-{code}",
            }
            for attempt in range(200):  # the same key again, at the other replica, until somebody says yes
                server = (one, two)[(number + attempt) % 2]
                status, said = server.ask("/api/v1/universities", data=body, headers=headers, method="POST")
                if status in (200, 201):
                    break
                assert status in (None, 503), (status, said)
                time.sleep(0.05)
            with lock:
                acknowledged.append(code)
                if len(acknowledged) == 20:
                    half.set()

    callers = [threading.Thread(target=caller, args=(name,)) for name in "abcd"]
    for thread in callers:
        thread.start()
    half.wait()
    one.process.kill()
    for thread in callers:
        thread.join()
    return acknowledged
