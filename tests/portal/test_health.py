"""Health: alive without the store, ready only with all of it, and an answer in time even when nobody answers us."""

import threading
import time

import pytest
from sqlalchemy import delete, insert, text, update

from portal import health
from portal.health import AWAY, Doctor, doctor_of
from portal.store import migrate
from portal.store.blobs import Folder
from portal.store.database import Unavailable, open_store
from portal.store.guards import take_down
from portal.store.tables import checkpoints, log
from portal.trail import Entry, append
from tools.postgres import PostgreSQL

AT = "2026-11-26T00:00:00.000000Z"


@pytest.fixture
def trailed(database):
    """Give a store of each kind with three lines in its trail."""
    for number in range(3):
        line = Entry(f"op{number}", "system", AT, "somebody", "round.manage", "R1", {})
        database.write(lambda connection, line=line: append(connection, line))
    return database


@pytest.fixture
def blobs(tmp_path):
    return Folder(tmp_path / "evidence")


def test_all_is_well(trailed, blobs):
    found = doctor_of(trailed, blobs).examine()
    assert found.ok
    assert set(found.document()["checks"].values()) == {"ok"}


def test_tables_of_another_program_are_not_ready(trailed, blobs):
    trailed.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    )
    found = doctor_of(trailed, blobs).examine()
    assert [name for name, wrong in found.checks.items() if wrong] == ["tables"]


FORGERIES = {
    "content": update(log).where(log.c.seq == 3).values(actor="somebody else"),
    "details": update(log).where(log.c.seq == 3).values(details='{"x":1}'),
    "previous": update(log).where(log.c.seq == 3).values(previous="0" * 64),
    "hash": update(log).where(log.c.seq == 3).values(hash="f" * 64),
    "one before": delete(log).where(log.c.seq == 2),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_touched_end_of_the_trail_is_not_ready(trailed, blobs, forgery):
    def touch(connection):
        take_down(connection)
        connection.execute(FORGERIES[forgery])

    trailed.write(touch)
    found = doctor_of(trailed, blobs).examine()
    assert found.checks["trail"]
    assert not found.checks["store"]


def test_a_trail_shorter_than_its_checkpoint_is_not_ready(trailed, blobs):
    row = {"size": 9, "root": "a" * 64, "note": "x", "at": AT}
    trailed.write(lambda connection: connection.execute(insert(checkpoints).values(row)))
    assert "检查点" in doctor_of(trailed, blobs).examine().checks["trail"]


def test_evidence_that_is_away_is_not_ready(trailed):
    class Away:
        def has(self, sha256):
            raise Unavailable("no answer")

    found = doctor_of(trailed, Away()).examine()
    assert [name for name, wrong in found.checks.items() if wrong] == ["evidence"]


def test_a_check_that_hangs_is_answered_in_time_and_asked_once():
    free, asked = threading.Event(), []

    def hangs() -> str:
        asked.append(1)
        free.wait()
        return ""

    doctor = Doctor({"store": hangs, "evidence": lambda: ""}, deadline=0.05)
    for _ in range(20):
        found = doctor.examine()
        assert found.checks == {"store": AWAY, "evidence": ""}
    assert len(asked) == 1
    free.set()
    while doctor.examine().checks["store"]:
        pass
    assert doctor.examine().ok


def test_what_a_check_raises_is_not_shown():
    def fails() -> str:
        raise RuntimeError("connection to server at 10.0.0.5 failed: password authentication failed")

    assert Doctor({"store": fails}).examine().checks == {"store": AWAY}


def test_a_store_that_is_gone_is_away(trailed):
    trailed.close()
    assert Doctor({"store": lambda: health.store(trailed)}).examine().checks == {"store": AWAY}


def test_ready_again_when_the_server_is(blobs):
    """PostgreSQL stops and starts: not ready, then ready, with the same open store; alive all the time."""
    with PostgreSQL(durable=False) as server:
        database = open_store(server.address("postgres"))
        migrate.upgrade(database)
        doctor = doctor_of(database, blobs)
        assert doctor.examine().ok
        server.kill()
        assert set(doctor.examine().checks.values()) - {""}
        assert doctor.examine().checks["evidence"] == ""
        server.start()
        until = time.monotonic() + 20
        while not doctor.examine().ok:
            assert time.monotonic() < until
        database.close()
