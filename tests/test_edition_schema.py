"""The schema of an edition says what the engine reads, and nothing it does not."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.build.edition import Edition
from engine.edition_schema import edition_schema
from engine.load import Library, load
from engine.models.checklist import Fact
from engine.reading import Unreadable, read_answer
from engine.strict_yaml import read_yaml
from tests.tiny import edition, item

ROOT = Path(__file__).parent.parent
LIBRARY: Library = load(ROOT)[0]
SAMPLES = [path for path in sorted((ROOT / "samples").rglob("*.yaml")) if path.parent.name != "published"]


@cache
def schema_of(standard: str, name: str) -> dict[str, Any]:
    found = LIBRARY.edition(standard, name)
    assert found
    return edition_schema(found)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_sample_fits_the_schema_of_its_edition(path: Path) -> None:
    data = read_yaml(path.read_bytes(), path.name).data
    errors = Draft202012Validator(schema_of(data["standard"], data["edition"])).iter_errors(data)
    assert [error.message[:200] for error in errors] == []


@pytest.mark.parametrize("key", LIBRARY.editions, ids=lambda key: key[0])
def test_the_schema_is_one(key: tuple[str, str]) -> None:
    Draft202012Validator.check_schema(schema_of(*key))


PLAIN: list[Any] = [
    None, "", True, False, "是", "否", 0, 1, 7, -1, 10**9 + 1, "12", "1.25", "1.2345678", "95%", "101%", "-3%",
    "2024-01-26", "2024-13-01", "2024-01-26 15:00", "2024-01-26T25:00", "随便写点什么", "字" * 30_000, [], [1], [{}],
    [{"没有这一列": 1}], ["没有这一项"], {"value": 1}, {"何": 1},
]  # fmt: skip
"""Answers of every shape, right for some facts and wrong for most."""


def _tries(fact: Fact) -> list[Any]:
    options = fact.answer.choice or fact.answer.choices or ()
    ids = [one.id for one in options]
    return [*PLAIN, *ids, *([one] for one in ids), ids]


def _refusal(found: Edition, fact: Fact, value: Any) -> str:
    try:
        read_answer(fact, value, found.words.domains)
    except Unreadable as error:
        return error.what
    return ""


@pytest.mark.parametrize("key", LIBRARY.editions, ids=lambda key: key[0])
def test_what_the_schema_takes_the_engine_reads(key: tuple[str, str]) -> None:
    """Ranges of numbers written as text are the one thing left to the engine."""
    found = LIBRARY.editions[key]
    properties = schema_of(*key)["$defs"]["Answers"]["properties"]
    answers = {json.dumps(shape["anyOf"][0]): name for name, shape in properties.items()}
    taken = refused = 0
    for shape, name in answers.items():
        fact = found.words.fact(name)
        assert fact
        check = Draft202012Validator(json.loads(shape))
        for value in _tries(fact):
            fits = check.is_valid(value)
            if value in (None, "") and not isinstance(value, bool):
                assert fits
                continue
            reason = _refusal(found, fact, value)
            refused += bool(reason)
            taken += fits and not reason
            assert not (fits and reason) or "之间" in reason, (name, value)
    assert taken > len(answers)
    assert refused > len(answers)


SCORE = item("[{points: 10, when: {c.licence: true}}]")


def test_what_the_edition_does_not_ask_is_told_apart() -> None:
    check = Draft202012Validator(edition_schema(edition(SCORE)))
    base = {
        "standard": "t",
        "edition": "1",
        "as_of": "2024-06-30",
        "origin": "invented",
        "subject": {"id": "x", "title": "甲", "kind": "食堂"},
    }
    assert check.is_valid({**base, "answers": {"c.licence": True}})
    assert check.is_valid({**base, "answers": {"c.licence": {"value": True, "evidence": ["证"]}}})
    for wrong in (
        {"answers": {"c.gas": True}},
        {"answers": {"c.licence": "或许"}},
        {"answers": {"c.licence": {"value": "或许"}}},
        {"judged": {"one": {"points": 1, "reason": "好"}}},
        {"not_applicable": {"elsewhere": "无"}},
        {"standard": "u"},
        {"edition": "2"},
    ):
        assert not check.is_valid({**base, **wrong}), wrong
