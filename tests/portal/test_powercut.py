"""The power fails: no acknowledged answer is lost and the file is whole; with one protection less, the same test fails."""

import os
import tempfile
from pathlib import Path

import pytest
from powercut import fail, record

from portal.store import sqlite

MEMORY = Path("/dev/shm")  # noqa: S108  only the parent of a folder of our own


@pytest.fixture
def folder():
    """Give a folder to lay out what a power cut leaves; in memory where there is such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        yield Path(name)


def test_ten_thousand_power_cuts_lose_nothing_and_damage_nothing(tmp_path, folder, monkeypatch):
    events, database = record(tmp_path, monkeypatch)
    kinds = [event.kind for event in events]
    assert kinds.count("acknowledged") == 96
    assert kinds.count("sync") > 20
    assert {Path(event.name).name for event in events if event.kind == "delete"} >= {"zhunsheng.db-wal"}
    toll = fail(events, database, folder, cuts=10_000)
    assert (toll.cuts, toll.losing, toll.most_lost, toll.damaged) == (10_000, 0, 0, 0)


def test_less_than_full_synchronisation_would_lose_answers(tmp_path, folder, monkeypatch):
    monkeypatch.setitem(sqlite.SETTINGS, "synchronous", "NORMAL")
    toll = fail(*record(tmp_path, monkeypatch), folder, cuts=2_000, stop_at_first=True)
    assert toll.losing


def test_a_folder_that_is_not_synced_would_lose_answers(tmp_path, folder, monkeypatch):
    toll = fail(*record(tmp_path, monkeypatch, sync_folders=False), folder, cuts=500)
    assert toll.losing


def test_no_synchronisation_would_damage_the_file(tmp_path, folder, monkeypatch):
    monkeypatch.setitem(sqlite.SETTINGS, "synchronous", "OFF")
    toll = fail(*record(tmp_path, monkeypatch), folder, cuts=2_000)
    assert toll.damaged
