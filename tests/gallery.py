"""The small correct library of `tests/broken/_base/`, and ways to change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.answers import Stated, world_of
from engine.check import check
from engine.judge import judge_leaf
from engine.load import load_texts, texts
from engine.models.submission import Given

if TYPE_CHECKING:
    from engine.build.edition import Edition
    from engine.problem import Problem

HERE = Path(__file__).parent / "broken"
BASE = texts(HERE / "_base")
CHECKLIST = "checklists/canteen.yaml"
STANDARD = "rules/canteen/2024/standard.yaml"
BASICS = "rules/canteen/2024/1-basics.yaml"
FOOD = "rules/canteen/2024/2-food.yaml"
LICENCE = "score: [{points: 4, when: {canteen.licence: true}}]"
"""How the indicator `licence` earns its four points."""


def mistaken(changes: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of the correct library with the changes of a case."""
    files = dict(BASE)
    for name, change in changes.items():
        if change is None:
            del files[name]
        elif isinstance(change, str):
            files[name] = change.encode()
        elif "encode" in change:
            files[name] = files[name].decode().encode(change["encode"])
        elif "again" in change:
            files[name] = change["again"].encode() * change["times"]
        else:
            files[name] = edited(files[name].decode(), change).encode()
    return files


def edited(text: str, edits: list[dict[str, str]]) -> str:
    for edit in edits:
        assert text.count(edit["replace"]) == 1, f"in the correct library not once: {edit['replace']}"
        text = text.replace(edit["replace"], edit["with"])
    return text


def with_edits(*edits: tuple[str, str, str]) -> dict[str, bytes]:
    """Return the correct library with texts replaced: (file, old, new)."""
    changes: dict[str, Any] = {}
    for file, old, new in edits:
        changes.setdefault(file, []).append({"replace": old, "with": new})
    return mistaken(changes)


def problems_of(files: dict[str, bytes]) -> list[Problem]:
    """Find what `zhunsheng check` finds: what can be read and built is checked further."""
    library, problems = load_texts(files)
    return problems or check(library)


def said_of(*edits: tuple[str, str, str]) -> list[str]:
    """Return the messages about the correct library with texts replaced."""
    return [problem.message for problem in problems_of(with_edits(*edits))]


def edition_of(*edits: tuple[str, str, str]) -> Edition:
    """Build the correct library with texts replaced; it must still be correct."""
    library, problems = load_texts(with_edits(*edits))
    assert problems == []
    return library.editions["canteen", "2024"]


def points_of(score: str, answers: dict[str, Any], derive: str = "") -> tuple[int, int]:
    """Return the least and most hundredths that a score gives for answers; `derive` defines `canteen.made`."""
    edits = [(BASICS, LICENCE, f"score: {score}")]
    if derive:
        made = f"derive:\n- {{id: canteen.made, title: 算得, {derive}}}\n"
        edits.append((STANDARD, "derive:\n", made))
    edition = edition_of(*edits)
    given = {
        name: Given.model_validate(value if isinstance(value, dict) else {"value": value})
        for name, value in {"canteen.kind": "自营", **answers}.items()
    }
    world, problems = world_of(edition, Stated(given, {}, {}, "2024-06-30"))
    assert problems == []
    leaf = edition.leaf("licence")
    assert leaf is not None
    finding = judge_leaf(leaf, world, {})
    return finding.low, finding.high


def holds(when: str, answers: dict[str, Any], derive: str = "") -> bool | None:
    """Return whether a condition holds for answers; None while that is open."""
    low, high = points_of(f"[{{points: 4, when: {when}}}]", answers, derive)
    return low > 0 if low == high else None
