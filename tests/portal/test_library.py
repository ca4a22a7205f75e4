"""The rules that are served: new ones once they are right and at rest, the last good ones while they are not."""

import os
import threading
from dataclasses import replace

import desks
import pytest

from engine.load import load
from portal import library as module
from portal.library import Rereading, Shelf
from portal.refusal import Refusal
from portal.startup import missing_editions
from portal.use_cases.standards import (
    compare_editions,
    list_standards,
    read_item,
    read_problems,
    read_standard,
)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "rules-here"
    for name, text in (desks.library() | desks.library(edition="2")).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return folder


@pytest.fixture
def shelf(root):
    return Shelf(root, load(root)[0], lambda: "2026-11-26T08:00:00.000000Z")


@pytest.fixture
def desk(sqlite_database, tmp_path):
    return desks.make(sqlite_database, tmp_path / "blobs")


def write(root, old, new, name="rules/t/1/standard.yaml"):
    path = root / name
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    moved = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(moved, moved))


def settled(shelf):
    """Look twice, as the portal does: once that something changed, once that it is at rest."""
    shelf.look()
    return shelf.look()


def title(shelf):
    return shelf.library().editions["t", "1"].standard.title


def test_what_has_not_changed_is_not_read_again(shelf, monkeypatch):
    monkeypatch.setattr(module, "load_texts", None)
    assert not settled(shelf)


def test_a_change_is_served_once_it_is_at_rest(root, shelf):
    write(root, "试行标准", "新的名称")
    assert not shelf.look()
    assert title(shelf) == "试行标准"
    assert shelf.look()
    assert title(shelf) == "新的名称"
    assert shelf.trouble() is None


def test_while_a_file_is_broken_the_last_good_rules_are_served(root, shelf):
    before = shelf.library()
    write(root, "title: 试行", "titel: 试行")
    assert settled(shelf)
    assert shelf.library() is before
    trouble = shelf.trouble()
    assert any("standard.yaml" in str(one.place) for one in trouble.problems)
    write(root, "titel: 试行", "title: 试行")
    assert settled(shelf)
    assert shelf.trouble() is None


def test_an_empty_folder_is_not_taken_for_rules(root, shelf):
    for path in sorted(root.rglob("*.yaml")):
        path.unlink()
    settled(shelf)
    assert shelf.trouble().refusal.code == "rules-missing"
    assert shelf.library().editions


def test_a_touched_file_is_not_read_again(root, shelf, monkeypatch):
    monkeypatch.setattr(module, "load_texts", None)
    write(root, "试行标准", "试行标准")
    assert not settled(shelf)


def test_the_edition_of_a_running_round_does_not_change(root, desk):
    shelf = Shelf(
        root, load(root)[0], desk.portal.at, lambda newer: missing_editions(desk.portal.database, newer)
    )
    write(root, "at_least: 6", "at_least: 7")
    settled(shelf)
    assert shelf.trouble().refusal.code == "edition-missing"
    assert shelf.library().editions["t", "1"].standard.grades[0].at_least == 6
    write(root, "at_least: 7", "at_least: 6")
    settled(shelf)
    assert shelf.trouble() is None
    write(root, "at_least: 6", "at_least: 7", "rules/t/2/standard.yaml")
    settled(shelf)
    assert shelf.trouble() is None
    assert shelf.library().editions["t", "2"].standard.grades[0].at_least == 7


def test_without_that_check_it_would(root, desk):
    shelf = Shelf(root, load(root)[0], desk.portal.at)
    write(root, "at_least: 6", "at_least: 7")
    settled(shelf)
    assert shelf.library().editions["t", "1"].standard.grades[0].at_least == 7


def test_looking_goes_on_after_something_went_wrong(shelf, monkeypatch):
    looked, again = [], threading.Event()

    def look():
        looked.append(1)
        if len(looked) == 1:
            raise OSError("the disk is away")
        again.set()

    monkeypatch.setattr(shelf, "look", look)
    with Rereading(shelf, every=0.01):
        assert again.wait(10)


def test_problems_are_for_those_who_run_it(root, shelf, desk):
    desk.portal = replace(desk.portal, library=shelf.library, trouble=shelf.trouble)
    chief = desk.people["secretary"]
    assert read_problems(desk.portal, chief).since is None
    write(root, "title: 试行", "titel: 试行")
    settled(shelf)
    found = read_problems(desk.portal, chief)
    assert found.since == "2026-11-26T08:00:00.000000Z"
    assert found.wrong[0].where.startswith("rules/t/1/")
    assert str(root) not in str(found)
    for name in ("filler", "inspector", "observer"):
        assert read_problems(desk.portal, desk.people[name]).kind == "forbidden"
    assert not isinstance(read_standard(desk.portal, desk.people["filler"], "t", "1"), Refusal)
    assert len(list_standards(desk.portal, chief)) == 2


def test_an_item_and_two_editions_are_told_to_anybody_signed_in(desk):
    who = desk.people["stranger"]
    page = read_item(desk.portal, who, "t", "1", "trained")
    assert page["tables"][0]["rows"]
    assert read_item(desk.portal, who, "t", "1", "nothing").kind == "missing"
    assert read_item(desk.portal, who, "t", "9", "trained").kind == "missing"
    assert compare_editions(desk.portal, who, "t", "2", "1") == ()
    assert compare_editions(desk.portal, who, "t", "2", "0").kind == "missing"
