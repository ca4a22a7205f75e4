"""The standards: anybody signed in may list and read them, in the words of the engine."""

import desks
import pytest

from engine.questionnaire import questionnaire
from portal.refusal import Refusal
from portal.use_cases.standards import list_standards, read_standard


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def test_every_edition_is_listed_with_its_size(desk):
    listed = list_standards(desk.portal, desk.people["stranger"])
    editions = desk.portal.library().editions
    assert {(one.standard, one.edition, one.hash) for one in listed} == {
        (*one.key, one.hash) for one in editions.values()
    }
    assert all(one.indicators == len(editions[one.standard, one.edition].every_leaf) for one in listed)


def test_an_edition_is_told_as_the_engine_tells_it_and_only_written_once(desk):
    library = desk.portal.library()
    found = read_standard(desk.portal, desk.people["filler"], "t", "1")
    assert found == questionnaire(library, library.editions["t", "1"])
    assert read_standard(desk.portal, desk.people["stranger"], "t", "1") is found


def test_what_is_not_there_is_said(desk):
    found = read_standard(desk.portal, desk.people["filler"], "t", "1999")
    assert isinstance(found, Refusal)
    assert found.kind == "missing"
