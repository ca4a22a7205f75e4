"""Adding a scorecard up again finds every number that was changed."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.document import canonical, scorecard_document
from engine.layers import layered
from engine.models.submission import Review, Subject
from engine.verify import verify
from tests.test_book_laws import sample, without
from tests.tiny import card, edition, item

SUBJECT = Subject(id="s", title="某食堂", kind="食堂")
RULES = """section: {id: a, title: 甲区, points: 10}
groups:
- id: g
  title: 甲组
  points: 10
  indicators:
  - {id: one, title: 甲项, points: 4, score: {deduct_from: 4, items: [{each: c.faults, points: 1}]}, zero_when: {c.licence: false}, voids: parent}
  - {id: two, title: 乙项, points: 3, score: [{points: 3, when: {c.gas: true}}], applies_when: {c.kind: 自营}, absent: exclude}
  - {id: three, title: 丙项, points: 3, score: {parts: [{each: c.rules, points: 1}, {points: 1, when: {c.licence: true}}], up_to: 3}}
"""
HEAD = """grades: [{id: good, title: 良好, at_least: 8, requires: [{title: 持证, when: {c.licence: true}}]}, {id: fair, title: 达标, more_than: 5}]
vetoes: [{id: v, title: 事故, when: {c.accident: {within_months: 12}}, effect: {cap: fair}}]
total_cap: 10
bonus: {up_to: 2, groups: [{id: b, title: 特色, combine: highest, up_to: 1, indicators: [{id: b1, title: 特色一, points: 1, score: [{points: 1, when: {c.share: {at_least: 50%}}}]}, {id: b2, title: 特色二, points: 1, score: [{points: 1, when: {c.gas: true}}]}]}]}
incidents: [{id: notice, title: 通报, each: c.staff, points: 0.5, up_to: 2}]
absence: {limit: 40%, spread: SPREAD}
rounding: {total: 0.5}
"""
WHOLE: dict[str, Any] = {
    "c.faults": 1,
    "c.licence": True,
    "c.gas": True,
    "c.kind": "自营",
    "c.rules": ["采购"],
    "c.share": "60%",
    "c.staff": 1,
    "c.accident": "2020-01-01",
}


def document(answers: dict[str, Any], spread: str = "group") -> dict[str, Any]:
    of = edition(RULES, HEAD.replace("SPREAD", spread))
    return json.loads(canonical(scorecard_document(card(of, answers), SUBJECT)))


@pytest.mark.parametrize("spread", ["group", "section", "total"])
@pytest.mark.parametrize(
    "without",
    [(), ("c.kind",), ("c.licence",), ("c.gas", "c.faults"), ("c.accident", "c.staff"), tuple(WHOLE)],
)
def test_what_the_engine_writes_adds_up(spread: str, without: tuple[str, ...]) -> None:
    for changed in ({}, {"c.kind": "承包"}, {"c.licence": False}):
        answers = {name: value for name, value in (WHOLE | changed).items() if name not in without}
        assert verify(document(answers, spread)) == []


def numbers(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every number of points that follows from others."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("low", "high") and isinstance(value, str):
                yield (*path, key)
            elif key not in ("settling", "coverage", "absent", "standard"):
                yield from numbers(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from numbers(value, (*path, index))


def changed(data: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    other = copy.deepcopy(data)
    place: Any = other
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return other


def test_every_changed_number_is_found() -> None:
    data = document(WHOLE)
    paths = list(numbers(data))
    assert len(paths) > 40
    missed = [path for path in paths if not verify(changed(data, path, "2.25"))]
    assert missed == []


def test_every_changed_number_of_a_real_scorecard_is_found() -> None:
    data = json.loads(canonical(scorecard_document(without("typical", set()), sample("typical").subject)))
    paths = list(numbers(data))[::23]
    assert [path for path in paths if not verify(changed(data, path, "0.01"))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("grade", "settled"), "fair"),
        (("grade", "settled"), None),
        (("vetoes", 0, "holds"), True),
        (("requirements", 0, "met"), False),
        (("standard", "grades", 0, "line"), "9"),
        (("standard", "total"), "11"),
        (("sections", 0, "groups", 0, "void"), True),
        (("sections", 0, "groups", 0, "indicators", 1, "state"), "absent"),
        (("sections", 0, "groups", 0, "indicators", 0, "points"), "2"),
    ],
)
def test_every_changed_judgement_is_found(path: tuple[str | int, ...], value: Any) -> None:
    data = document(WHOLE)
    assert data["grade"]["settled"] == "good"
    assert verify(data) == []
    assert verify(changed(data, path, value)) != []


def test_what_is_wrong_is_said_with_both_numbers() -> None:
    data = document(WHOLE)
    assert (
        verify(changed(data, ("total",), {"low": "9", "high": "9"}))[0] == "总分：重算是 8.5 分，记的是 9 分"
    )


@pytest.mark.parametrize(
    ("effect", "left"),
    [("stop", "stopped"), ("deny", "denied"), ("{drop: 1}", "fair"), ("{drop: 9}", "none")],
)
def test_the_grade_is_walked_to_again(effect: str, left: str) -> None:
    head = HEAD.replace("SPREAD", "group").replace("{cap: fair}", effect)
    data = scorecard_document(
        card(edition(RULES, head), WHOLE | {"c.rules": ["采购", "留样"], "c.accident": "2024-06-01"}), SUBJECT
    )
    assert data["grade"]["settled"] == left
    assert verify(data) == []
    assert verify(changed(data, ("grade", "settled"), "good")) != []


def test_too_much_absence_and_no_next_grade_are_walked_to_again() -> None:
    head = HEAD.replace("SPREAD", "group").replace("limit: 40%", "limit: 20%")
    withheld = scorecard_document(card(edition(RULES, head), WHOLE | {"c.kind": "承包"}), SUBJECT)
    assert (withheld["grade"]["settled"], verify(withheld)) == ("withheld", [])
    head = HEAD.replace("SPREAD", "group").replace("}]}, {id: fair", "}], on_fail: none}, {id: fair")
    failed = scorecard_document(
        card(
            edition(RULES, head),
            WHOLE | {"c.rules": ["采购", "留样", "清洗"], "c.faults": 0, "c.licence": False},
        ),
        SUBJECT,
    )
    assert (failed["grade"]["settled"], verify(failed)) == ("none", [])


def test_it_imports_nothing_of_the_scorer_and_stays_small() -> None:
    for name in ("verify", "verify_grade"):
        text = (Path(__file__).parent.parent / "engine" / f"{name}.py").read_text("utf-8")
        assert len(text.splitlines()) <= 150
        imported = [line for line in text.splitlines() if line.startswith(("from engine", "import engine"))]
        assert imported in ([], ["from engine.verify_grade import verify_grade"])


def test_yardsticks_add_up_again() -> None:
    for word in ("best_of", "worst_of"):
        score = (
            f"{{{word}: [{{each: c.faults, points: 1, up_to: 10}}, {{points: 4, when: {{c.gas: true}}}}]}}"
        )
        data = scorecard_document(card(edition(item(score)), {"c.faults": 6, "c.gas": True}), SUBJECT)
        assert verify(data) == []
        path = ("sections", 0, "indicators", 0, "why", "parts", 0, "low")
        assert verify(changed(data, path, "5")) != []


def test_a_final_result_is_weighed_again() -> None:
    standard = "raters: {final: {self: 40%, panel: 60%}}\n"
    of = edition(item("{each: c.faults, points: 1, up_to: 10}"), standard)
    verdict = {"verdict": "adjust", "points": 5, "reason": "两处台账缺页"}
    review = Review.model_validate(
        {"inspector": "专家甲", "standard": "t", "edition": "1", "subject": "s", "findings": {"one": verdict}}
    )
    layers = layered(of, card(of, {"c.faults": 10}).stated, [review])
    assert layers.final is not None
    data = scorecard_document(layers.final, SUBJECT, "final", layers.weighing)
    assert data["total"] == {"low": "7", "high": "7"}
    assert verify(data) == []
    assert verify(changed(data, ("weighing", "self", "low"), "9")) != []
