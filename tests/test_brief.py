"""A scorecard in short says what its document says: the same points, grades, vetoes and questions."""

from decimal import Decimal
from pathlib import Path

import pytest

from engine.brief import brief, marks
from engine.document import scorecard_document
from engine.judge import judge
from engine.load import load
from engine.memory import Memory
from engine.models.submission import Submission
from engine.rollup import stated_by
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).resolve().parent.parent
BOOKS, _ = load(ROOT)


def cards():
    """Yield a card and its document for some samples of every book."""
    for key, edition in sorted(BOOKS.editions.items()):
        for path in sorted((ROOT / "samples" / key[0]).glob("*.yaml"))[:3]:
            submission = Submission.model_validate(read_yaml(path.read_bytes(), path.name).data)
            card = judge(edition, stated_by(submission))
            yield pytest.param(card, scorecard_document(card, submission.subject), id=f"{key[0]}-{path.stem}")


def tiers(found):
    return [(one.id, one.title, one.points, one.low, one.high, tiers(one.groups)) for one in found]


def branches(found):
    keys = ("id", "title", "points", "low", "high")
    return [(*(one[key] for key in keys), branches(one["groups"])) for one in found]


def indicators(found):
    for one in found:
        yield from one["indicators"]
        yield from indicators(one.get("groups", ()))


@pytest.mark.parametrize(("card", "document"), list(cards()))
def test_the_brief_agrees_with_the_document(card, document):
    short = brief(card)
    assert {"low": short.low, "high": short.high} == document["total"]
    assert short.points == document["standard"]["total"]
    assert short.grade == document["grade"]["settled"]
    assert [{"id": one.id, "title": one.title} for one in short.possible] == document["grade"]["possible"]
    assert tiers(short.sections) == branches(document["sections"])
    absent = [one["points"] for one in indicators(document["sections"]) if one["state"] == "absent"]
    assert Decimal(short.absent) == sum(map(Decimal, absent))
    states = [one["state"] for one in document["vetoes"]]
    told = [(one["id"], one["title"], one["state"]) for one in document["vetoes"]]
    quiet = ("不成立", "不适用", "还不知道")
    assert [(one.id, one.title, one.state) for one in short.vetoes] == [
        one for one in told if one[2] not in quiet
    ]
    assert short.vetoes_open == states.count("还不知道")
    assert list(short.missing) == [one["id"] for one in document["coverage"]["missing"]]
    assert short.asked - short.answered == len(short.missing)
    assert list(short.problems) == [one["message"] for one in document["problems"]]


@pytest.mark.parametrize(("card", "document"), list(cards()))
def test_the_marks_are_those_of_the_document(card, document):
    told = {
        one["id"]: tuple(one[key] for key in ("points", "low", "high", "state"))
        for one in [
            *indicators(document["sections"]),
            *indicators((document["bonus"] or {"groups": ()})["groups"]),
        ]
    }
    assert {name: (one.points, one.low, one.high, one.state) for name, one in marks(card).items()} == told


def test_what_is_taken_over_from_the_card_before_changes_nothing():
    for key, edition in sorted(BOOKS.editions.items()):
        paths = sorted((ROOT / "samples" / key[0]).glob("*.yaml"))[:3]
        told, memory, before = [], Memory(), None
        for path in (*paths, *reversed(paths)):
            submission = Submission.model_validate(read_yaml(path.read_bytes(), path.name).data)
            card = judge(edition, stated_by(submission), memory)
            found = marks(card, before)
            assert found == marks(card)
            told.append(sum(one is before[1].get(name) for name, one in found.items()) if before else 0)
            before = (card, found)
        assert told[0] == 0
        assert any(told), "something is the same in two of them"
