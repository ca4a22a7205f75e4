"""Every scoring shape met in real tables, as a tiny standard with worked numbers: `tests/shapes/<shape>/cases.yaml`.

The expected numbers were worked out by hand, not by the engine. A number stands for an exact result, `[low, high]`
for what is possible while facts are missing; a list of grades for the grades that are still possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.exact import read_number
from engine.layers import layered
from engine.load import load
from engine.models.submission import Review, Submission
from engine.rollup import RolledUp, roll_up, stated_by
from engine.strict_yaml import read_yaml

SHAPES = Path(__file__).parent / "shapes"
FOLDERS = sorted(path.parent for path in SHAPES.glob("*/cases.yaml"))
KEYS = {
    "title", "note", "edition", "as_of", "region", "given", "judged", "not_applicable", "units", "reviews",
    "total", "grade", "indicators", "problem", "final", "roll_up",
}  # fmt: skip
ROLLED = {"mean", "worst", "weighted_mean", "share", "titles"}
Range = tuple[Fraction, Fraction]


# ------------------------------------------------------------------------------------------- the one way to the engine


@dataclass
class Seen:
    """What the engine says of one case, in the words of cases.yaml."""

    total: Range | None = None
    grades: tuple[str, ...] = ()
    indicators: dict[str, Range | str] = field(default_factory=dict)
    problems: str = ""
    final: Range | None = None
    units: list[Seen] = field(default_factory=list)
    rolled: dict[str, Any] = field(default_factory=dict)


def judged_by_engine(root: Path, case: dict[str, Any]) -> Seen:
    """Judge one case: the only place in this file that knows the engine's API."""
    library, problems = load(root)
    assert not problems, "\n".join(map(str, problems))
    edition = library.edition(root.name.split("-", 2)[2], case.get("edition", "2024"))
    assert edition, f"no edition {case.get('edition', '2024')}: {sorted(library.editions)}"
    kind = edition.standard.per
    submission = Submission.model_validate(
        {
            "standard": edition.standard.id,
            "edition": edition.standard.edition,
            "as_of": case.get("as_of", "2024-06-30"),
            "region": case.get("region"),
            "origin": "invented",
            "subject": {"id": "whole", "title": "整体", "kind": kind},
            "answers": case.get("given", {}),
            "judged": case.get("judged", {}),
            "not_applicable": case.get("not_applicable", {}),
            "units": [
                {
                    "subject": {"id": unit["id"], "title": unit["title"], "kind": kind},
                    "answers": unit["given"],
                }
                for unit in case.get("units", [])
            ],
        }
    )
    if submission.units:
        rolled = roll_up(edition, submission)
        return Seen(units=[_seen(card) for _, card in rolled.units], rolled=_rolled(rolled))
    names = {"standard": edition.standard.id, "edition": edition.standard.edition, "subject": "whole"}
    reviews = [Review.model_validate({**names, **review}) for review in case.get("reviews", [])]
    layers = layered(edition, stated_by(submission), reviews)
    seen = _seen(layers.self)
    if layers.final:
        seen.final = _seen(layers.final).total
        seen.problems += _seen(layers.final).problems
    return seen


def _seen(card: Any) -> Seen:
    unit = card.edition.per_point
    return Seen(
        total=(Fraction(card.low, unit), Fraction(card.high, unit)),
        grades=card.outcome.possible,
        indicators={
            name: "absent" if one.state == "absent" else (Fraction(one.low, unit), Fraction(one.high, unit))
            for name, one in card.findings.items()
        },
        problems="\n".join(map(str, card.problems)),
    )


def _rolled(rolled: RolledUp) -> dict[str, Any]:
    return {
        "mean": rolled.mean,
        "worst": rolled.worst,
        "weighted_mean": rolled.weighted_mean,
        "share": rolled.shares[0][1] if rolled.shares else None,
        "titles": [title.id for title, held in rolled.titles if held],
    }


# --------------------------------------------------------------------------------------------------------- the cases


def read_cases(folder: Path) -> dict[str, Any]:
    document = read_yaml((folder / "cases.yaml").read_bytes(), f"{folder.name}/cases.yaml")
    assert not document.problems, "\n".join(map(str, document.problems))
    return document.data


def span(expected: Any) -> Range:
    low, high = expected if isinstance(expected, list) else (expected, expected)
    return read_number(low), read_number(high)


def check(seen: Seen, expected: dict[str, Any]) -> None:
    if "total" in expected:
        assert seen.total == span(expected["total"])
    if "grade" in expected:
        grade = expected["grade"]
        assert list(seen.grades) == (grade if isinstance(grade, list) else [grade])
    for name, points in expected.get("indicators", {}).items():
        assert seen.indicators[name] == (points if points == "absent" else span(points)), name
    if "final" in expected:
        assert seen.final == span(expected["final"])
    if "problem" in expected:
        assert expected["problem"] in seen.problems
    elif not expected.get("units"):
        assert not seen.problems


CASES = [
    pytest.param(folder, case, id=f"{folder.name}-case-{number}")
    for folder in FOLDERS
    for number, case in enumerate(read_cases(folder)["cases"], start=1)
]


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_shape(folder, case):
    seen = judged_by_engine(folder, case)
    check(seen, case)
    for unit, result in zip(case.get("units", []), seen.units, strict=True):
        check(result, unit)
    for what, number in case.get("roll_up", {}).items():
        assert seen.rolled[what] == (number if what == "titles" else span(number)), what


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_shape_is_worked_through(folder):
    """At least three cases, one of them with a missing answer; and no key that this file would not look at."""
    page = read_cases(folder)
    assert page["shape"]
    assert page["example"]
    cases = page["cases"]
    titles = [case["title"] for case in cases]
    assert len(set(titles)) == len(titles) >= 3
    parts = [part for case in cases for part in (case, *case.get("units", []))]
    assert any(isinstance(part.get("total"), list) for part in parts)
    for case in cases:
        assert not case.keys() - KEYS, case["title"]
        assert not case.get("roll_up", {}).keys() - ROLLED, case["title"]
        assert case.keys() & {"total", "grade", "units"}, case["title"]


def test_every_shape_has_cases():
    bare = [path.name for path in SHAPES.iterdir() if path.is_dir() and path not in FOLDERS]
    assert not bare
    assert FOLDERS
