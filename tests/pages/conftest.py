"""Pages without a browser: a portal with people in it, and a visitor who is signed in and may be anybody of them."""

import shutil
import sys
from pathlib import Path

import pytest

from engine.load import load_texts
from portal.policy import Member
from portal.portal import Portal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.migrate import upgrade

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "portal"))  # the worlds that the tests of the portal are made of

import desks  # noqa: E402
from visits import Visit  # noqa: E402


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Give the path of a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("pages") / "zhunsheng.db"
    found = open_store(str(path))
    upgrade(found)
    found.close()
    return path


@pytest.fixture
def database(template, tmp_path):
    """Give a fresh, migrated store that is open."""
    path = tmp_path / "data" / "zhunsheng.db"
    path.parent.mkdir()
    shutil.copy(template, path)
    found = open_store(str(path))
    yield found
    found.close()


@pytest.fixture
def desk(database, tmp_path):
    """Give the world of filling in: one round, two universities, their people, an inspector, the secretariat."""
    return desks.make(database, tmp_path / "blobs")


@pytest.fixture
def bare(database, tmp_path):
    """Give a world with a secretary and the rules, and nothing else."""
    built, _ = load_texts(desks.library())
    found = desks.Desk(Portal(database, Folder(tmp_path / "blobs"), lambda: built, lambda: found.time[0]))
    found.people["secretary"] = desks.account(found, "秘书", Member("secretariat"))
    return found


@pytest.fixture
def visit(desk, monkeypatch):
    """Give a function that opens a page as somebody: `visit("home.py", "filler")` returns the page, run once."""
    return Visit(desk, monkeypatch)
