"""What no row names goes out of the way in time, and what one names never does: in a folder and in a bucket."""

import os
import threading
from contextlib import contextmanager
from datetime import timedelta

import desks
import pytest

from portal.evidence import orphans, shelf
from portal.evidence.orphans import tidy
from portal.evidence.shelf import Piece
from portal.portal import Portal
from portal.store import bucket
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.migrate import upgrade
from portal.use_cases.evidence import open_evidence, open_preview
from portal.use_cases.uploads import add_evidence, begin_upload, put_chunk, sweep
from tests.portal.good_files import photo

WEEK, MONTH = 7, 30


@pytest.fixture
def desk(sqlite_address, blobs, tmp_path):
    found = desks.make(open_store(sqlite_address), tmp_path / "unused")
    was = found.portal
    found.portal = Portal(was.database, blobs, was.library, was.clock)
    yield found
    found.portal.database.close()


@pytest.fixture
def older(desk, monkeypatch):
    """Let everything that is stored be as old as that."""

    def age(**by):
        if isinstance(desk.portal.blobs, Folder):
            for path in desk.portal.blobs.root.rglob("*"):
                if path.is_file():
                    at = path.stat().st_mtime - timedelta(**by).total_seconds()
                    os.utime(path, (at, at))
        else:
            before = bucket.now()
            monkeypatch.setattr(bucket, "now", lambda: before + timedelta(**by))

    return age


def add(desk, content, name="a.jpg", **more):
    desk.step()
    return add_evidence(
        desk.portal,
        desk.people["filler"],
        desk.ids["a"],
        desk.ids["canteen"],
        "c.licence",
        name,
        content,
        op_id=desk.op(),
        **more,
    )


def test_orphans_go_in_time_and_evidence_stays(desk, older):
    piece = add(desk, photo())
    assert isinstance(piece, Piece)
    left = desk.portal.blobs.put([b"of a process that was stopped"])[0]
    assert tidy(desk.portal) == 0
    older(days=WEEK, hours=1)
    assert tidy(desk.portal) == 1
    assert sorted(desk.portal.blobs.each()) == sorted([piece.sha256, piece.preview])
    assert list(desk.portal.blobs.aside()) == [left]
    assert tidy(desk.portal) == 0
    older(days=MONTH, hours=1)
    assert tidy(desk.portal) == 0
    assert not desk.portal.blobs.has(left)
    assert open_evidence(desk.portal, desk.people["filler"], piece.id).read() == photo()


def test_a_row_that_comes_late_finds_its_content(desk, older, monkeypatch):
    """An orphan of long ago is sent again, and tidied away between the putting and the row."""
    desk.portal.blobs.put([photo()])
    older(days=WEEK, hours=1)
    put = shelf.inspect

    def looked_at(name, content):
        found = put(name, content)
        real = desk.portal.blobs.put

        def put_then_tidy(chunks):
            done = real(chunks)
            tidy(desk.portal)
            return done

        monkeypatch.setattr(desk.portal.blobs, "put", put_then_tidy, raising=False)
        return found

    monkeypatch.setattr(shelf, "inspect", looked_at)
    piece = add(desk, photo())
    assert isinstance(piece, Piece)
    assert piece.sha256 in set(desk.portal.blobs.aside())
    assert open_evidence(desk.portal, desk.people["filler"], piece.id).read() == photo()
    assert open_preview(desk.portal, desk.people["filler"], piece.id).read()
    assert list(desk.portal.blobs.aside()) == []


def test_a_server_with_the_wrong_database_loses_nothing(desk, older, empty_address):
    piece = add(desk, photo())
    older(days=WEEK, hours=1)
    with open_elsewhere(empty_address) as database:
        was = desk.portal
        assert tidy(Portal(database, was.blobs, was.library, was.clock)) == 2
    assert list(desk.portal.blobs.each()) == []
    tidy(desk.portal)
    assert sorted(desk.portal.blobs.each()) == sorted([piece.sha256, piece.preview])


@contextmanager
def open_elsewhere(address):
    database = open_store(address)
    upgrade(database)
    yield database
    database.close()


def test_without_the_look_into_the_store_evidence_would_go(desk, older, monkeypatch):
    piece = add(desk, photo())
    older(days=WEEK, hours=1)
    monkeypatch.setattr(orphans, "_named", lambda *_: set())
    tidy(desk.portal)
    older(days=MONTH, hours=1)
    tidy(desk.portal)
    assert not desk.portal.blobs.has(piece.sha256)


def test_what_is_put_while_orphans_are_swept_stays(desk, older):
    """Many put, another sweeps all the while; every row finds its content."""
    for seed in range(6):
        desk.portal.blobs.put([photo(seed)])
    older(days=WEEK, hours=1)
    end = threading.Event()
    sweeper = threading.Thread(target=lambda: [tidy(desk.portal) for _ in iter(end.is_set, True)])
    sweeper.start()
    try:
        found = [add(desk, photo(seed), f"{seed}.jpg") for seed in range(6)]
    finally:
        end.set()
        sweeper.join()
    assert all(isinstance(one, Piece) for one in found)
    filler = desk.people["filler"]
    assert [open_evidence(desk.portal, filler, one.id).read() for one in found] == [
        photo(seed) for seed in range(6)
    ]


def test_uploads_that_were_given_up_are_swept(desk, older):
    data, filler = photo(), desk.people["filler"]
    begun = begin_upload(
        desk.portal,
        filler,
        desk.ids["a"],
        desk.ids["canteen"],
        "c.licence",
        "a.jpg",
        len(data),
        op_id=desk.op(),
    )
    put_chunk(desk.portal, filler, begun.id, 0, data)
    older(hours=23)
    assert sweep(desk.portal) == 0
    assert dict(desk.portal.blobs.parts(begun.id))
    older(hours=2)
    assert sweep(desk.portal) == 1
    assert dict(desk.portal.blobs.parts(begun.id)) == {}
