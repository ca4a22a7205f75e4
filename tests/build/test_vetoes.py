"""Vetoes and indicators of part files that several standards share."""

from typing import Any

from engine.load import load_texts
from tests.tiny import FACTS, card

PART = """groups:
- id: common
  title: 公共
  points: 6
  indicators:
  - {id: staff, title: 人员, points: 6, score: [{points: 6, when: {c.staff: {at_least: 3}}}]}
vetoes:
- {id: accident, title: 事故, when: {c.accident: {within_months: 12}}}
"""
OWN = """section: {id: a, title: 甲区, points: 10}
include: [../../shared/common/1.yaml]
groups:
- id: own
  title: 专用
  points: 4
  indicators:
  - {id: gas, title: 燃气, points: 4, score: [{points: 4, when: {c.gas: true}}]}
vetoes:
- {id: licence, title: 无证, when: {c.licence: false}, effect: stop}
"""


def books(**changed: str) -> dict[str, bytes]:
    head = (
        "edition: '1'\ntitle: 试行标准\nstatus: draft\nper: 食堂\ntotal: 10\nsections: [1-a.yaml]\n"
        "grades: [{id: good, title: 良好, at_least: 5}]\n"
    )
    files = {"checklists/c.yaml": FACTS, "rules/shared/common/1.yaml": PART}
    for name in ("t", "u"):
        files[f"rules/{name}/1/standard.yaml"] = f"id: {name}\n{head}"
        files[f"rules/{name}/1/1-a.yaml"] = OWN
    files |= changed
    return {name: text.encode() for name, text in files.items()}


def test_two_books_share_what_is_written_once() -> None:
    library, problems = load_texts(books())
    assert problems == []
    for edition in library.editions.values():
        assert [leaf.id for leaf in edition.leaves] == ["staff", "gas"]
        assert [veto.id for veto in edition.vetoes] == ["accident", "licence"]
        assert edition.documents["rules/shared/common/1.yaml"].file == edition.leaves[0].file
        answers: dict[str, Any] = {
            "c.staff": 3,
            "c.gas": False,
            "c.accident": "2020-01-01",
            "c.licence": True,
        }
        assert card(edition, answers).outcome.settled == "good"
        assert card(edition, answers | {"c.licence": False}).outcome.settled == "stopped"
        assert card(edition, answers | {"c.accident": "2024-06-01"}).outcome.settled == "denied"


def test_a_change_of_the_shared_part_changes_both_fingerprints() -> None:
    before, _ = load_texts(books())
    after, _ = load_texts(books(**{"rules/shared/common/1.yaml": PART.replace("at_least: 3", "at_least: 4")}))
    for key, edition in before.editions.items():
        assert after.editions[key].hash != edition.hash


def test_a_mistake_in_the_shared_part_is_told_once_and_in_its_own_file() -> None:
    _, problems = load_texts(
        books(**{"rules/shared/common/1.yaml": PART.replace("c.accident", "c.accidents")})
    )
    assert [str(problem.place) for problem in problems] == ["rules/shared/common/1.yaml:8:49"]


def test_a_shared_part_that_cannot_be_read_is_told_once() -> None:
    _, problems = load_texts(books(**{"rules/shared/common/1.yaml": "groups: 1\n"}))
    assert [problem.place.file for problem in problems] == ["rules/shared/common/1.yaml"]
