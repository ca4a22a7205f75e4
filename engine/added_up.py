"""A file of scorecards added up again: the one, or every layer and unit that stand in it."""

from dataclasses import dataclass
from typing import Any

from engine.outside import shaped
from engine.problem import Problem
from engine.strict_yaml import Document
from engine.verify import verify

LAYERS = {"self": "自评", "panel": "评审组", "final": "最终"}


@dataclass(frozen=True, slots=True)
class AddedUp:
    """What came of it: `problems` are places that are no scorecard, `wrong` what does not add up in those that are."""

    problems: tuple[Problem, ...]
    wrong: tuple[str, ...]


def add_up(document: Document) -> AddedUp:
    """Add up every scorecard of a document that was read strictly."""
    problems, wrong = list[Problem](document.problems), list[str]()
    for title, data in cards_of(document.data):
        mistakes = shaped(Document(document.file, data), "scorecard")
        problems += mistakes
        if not mistakes:
            wrong += [f"{title}{line}" for line in verify(data)]
    return AddedUp(tuple(problems), tuple(wrong))


def cards_of(data: Any) -> list[tuple[str, Any]]:
    """Return every scorecard of a document with what it is called."""
    if not isinstance(data, dict) or "format" in data or not data.keys() & {"self", "units"}:
        return [("", data)]
    layers = [
        (f"{LAYERS.get(name, name)}：", one) for name, one in data.items() if name not in ("units", "roll_up")
    ]
    units = data.get("units")
    return layers + [
        (f"第 {i} 个对象：", one) for i, one in enumerate(units if isinstance(units, list) else [], 1)
    ]
