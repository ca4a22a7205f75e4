"""The demonstration: invented throughout, the same each time, every state there, sound as a real store is."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.load import load, texts
from portal.archive import bring_in, examine, export
from portal.backup import back_up
from portal.demo.filling import fill
from portal.demo.names import COUNT, INVENTED, universities
from portal.demo.people import PASSWORD
from portal.demo.plan import BOOKS, NEXT, SMALL_BOOKS, Book
from portal.moment import new_id
from portal.policy import STATES
from portal.portal import Portal
from portal.refusal import Refusal
from portal.rescore import rescored
from portal.restore import restore_sqlite
from portal.rows import trail_fault, trail_rows
from portal.settings import read_settings
from portal.startup import demonstration_data, public_demonstration
from portal.store import migrate, tables
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.use_cases.overview import list_assessments, list_rounds
from portal.use_cases.sign_in import sign_in, who_am_i

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def library():
    return load(ROOT)[0]


def filled(folder, library, books):
    database = open_store(str(folder / "data" / "zhunsheng.db"))
    migrate.upgrade(database)
    portal = Portal(database, Folder(folder / "evidence"), lambda: library, lambda: NOW)
    fill(portal, ROOT / "samples", NOW, books)
    return portal


@pytest.fixture(scope="module")
def original(tmp_path_factory, library):
    folder = tmp_path_factory.mktemp("demonstration")
    filled(folder, library, SMALL_BOOKS).database.close()
    return folder


@pytest.fixture
def portal(original, tmp_path, library):
    """Give a demonstration of one's own."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    database = open_store(str(tmp_path / "data" / "zhunsheng.db"))
    yield Portal(database, Folder(tmp_path / "evidence"), lambda: library, lambda: NOW)
    database.close()


def actor(portal, login):
    """Return who signs in with a login and the known password."""
    session = sign_in(portal, login, PASSWORD, "127.0.0.1")
    assert not isinstance(session, Refusal), session
    return who_am_i(portal, session.token)


def rows(portal, table, *where):
    with portal.database.read() as connection:
        return connection.execute(select(table).where(*where)).all()


def test_168_universities_none_of_which_can_be_taken_for_a_real_one():
    found = universities()
    assert len(found) == COUNT == 168
    assert len({one.title for one in found}) == len({one.code for one in found}) == COUNT
    assert all(one.title.endswith(INVENTED) for one in found)
    assert all("安徽" not in one.title for one in found)


def test_one_round_for_each_book_of_rules(library):
    assert {book.standard for book in BOOKS} == {standard for standard, _ in library.editions}
    assert len(BOOKS) == len({book.standard for book in BOOKS})
    assert max(book.invited for book in BOOKS) == COUNT
    for book in BOOKS:
        assert sum(book.states.values()) <= book.invited
        assert set(book.states) == set(STATES) - {"草稿"}


def test_each_book_has_one_open_round_and_somebody_in_every_state(tmp_path, library):
    """The whole demonstration, as the secretariat and the first university see it through the use cases."""
    portal = filled(tmp_path, library, BOOKS)
    secretariat = actor(portal, "secretariat")
    found = list_rounds(portal, secretariat)
    open_ = {one.standard: one for one in found if one.state == "进行中"}
    assert len({one.university for one in list_assessments(portal, secretariat)}) == COUNT
    assert set(open_) == {standard for standard, _ in library.editions}
    assert len(found) == 2 * len(open_)
    for book in BOOKS:
        standing = Counter(
            one.state
            for round_ in found
            if round_.standard == book.standard
            for one in list_assessments(portal, secretariat, round_id=round_.id)
        )
        assert set(standing) == set(STATES), book.standard
        assert standing["草稿"] == NEXT
        assert standing.total() == NEXT + book.invited
        assert {state: standing[state] for state in book.states if state != "填报中"} == {
            state: count for state, count in book.states.items() if state != "填报中"
        }
    filler = list_assessments(portal, actor(portal, "filler-001"))
    opened = [one.state for one in filler if one.round in {each.id for each in open_.values()}]
    assert len(opened) == len(set(opened)) == len(BOOKS)
    portal.database.close()


def test_every_state_is_there_in_the_small_one_too(portal):
    assert {row.state for row in rows(portal, tables.rounds)} == {"草稿", "进行中"}
    assert {row.state for row in rows(portal, tables.assessments)} == set(STATES)
    assert len(rows(portal, tables.rounds)) == 2 * len(BOOKS)
    assert all(json.loads(row.settings)["invented"] for row in rows(portal, tables.rounds))


def test_the_trail_holds_and_every_score_comes_out_again(portal, library):
    with portal.database.read() as connection:
        assert trail_fault(trail_rows(connection)) == ""
        found = rescored(connection, library)
        kept = connection.execute(select(func.count()).select_from(tables.scorecards)).scalar_one()
    assert (found.different, found.without_rules) == ((), ())
    assert found.same == kept > 40


def test_its_accounts_let_people_in_with_the_known_password(portal):
    for login in ("admin", "secretariat", "observer", "inspector-01", "filler-001", "approver-001"):
        found = sign_in(portal, login, PASSWORD, "127.0.0.1")
        assert not isinstance(found, Refusal), (login, found)


def test_it_is_opened_in_demonstration_mode_only_and_on_this_machine_only(portal):
    settings, _ = read_settings({"ZHUNSHENG_DEMONSTRATION": "1"})
    assert demonstration_data(portal.database, settings) is None
    assert (
        demonstration_data(portal.database, replace(settings, demonstration=False)).code
        == "demonstration-data"
    )
    assert public_demonstration(replace(settings, host="10.0.0.5")).code == "demonstration-public"


def test_two_of_them_are_the_same_to_the_byte(tmp_path, library):
    """The same rules, samples and moment: so that what is seen in one demonstration is found in the next."""
    book = SMALL_BOOKS[-1]
    books = (Book(book.standard, book.title, book.places, book.samples, 4, {"公示": 1, "填报中": 2}),)
    for name in ("one", "two"):
        portal = filled(tmp_path / name, library, books)
        assert not isinstance(export(portal.database, portal.blobs, tmp_path / f"{name}.tar"), Refusal)
        portal.database.close()
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_ids_are_of_chance_again_afterwards(portal):
    assert len({new_id(NOW) for _ in range(100)}) == 100


def test_it_moves_to_postgresql_and_back_to_the_byte(portal, postgresql_address, tmp_path):
    assert not isinstance(export(portal.database, portal.blobs, tmp_path / "one.tar"), Refusal)
    other = open_store(postgresql_address)
    assert bring_in(examine(tmp_path / "one.tar"), other, Folder(tmp_path / "other")) is None
    assert not isinstance(export(other, Folder(tmp_path / "other"), tmp_path / "two.tar"), Refusal)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    other.close()


def test_it_is_restored_with_every_score_again(portal, tmp_path):
    address = str(tmp_path / "data" / "zhunsheng.db")
    made = back_up(portal.database, address, portal.blobs, texts(ROOT), tmp_path / "backups", lambda: NOW)
    assert not isinstance(made, Refusal)
    kept = len(rows(portal, tables.scorecards))
    portal.database.close()
    found = restore_sqlite(Path(address), portal.blobs, made.folder)
    assert not isinstance(found, Refusal), found
    assert found.scores.same == kept


def test_nobody_reviews_twice_or_fills_in_what_they_review(portal):
    pairs = Counter((row.assessment_id, row.account_id) for row in rows(portal, tables.assignments))
    assert max(pairs.values()) == 1
    inspectors = {row.account_id for row in rows(portal, tables.assignments)}
    assert not inspectors & {row.by for row in rows(portal, tables.answers)}
