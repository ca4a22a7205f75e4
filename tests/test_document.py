"""The scorecard as a document: canonical, complete, readable without the program, and safe to check when spoiled."""

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.document import canonical, provenance, scorecard_document
from engine.models.scorecard import ScorecardDocument
from engine.models.submission import Given, Piece
from engine.schema import schema
from engine.verify import verify
from tests.test_book_laws import sample, without
from tests.test_verify import HEAD, RULES, SUBJECT, WHOLE
from tests.tiny import card, edition, item

FITS = Draft202012Validator(schema("scorecard"))
SAMPLES = ["association-2023", "blank", "excellent", "typical", "vetoed", "all-red"]


def plain(document: dict[str, Any]) -> dict[str, Any]:
    return json.loads(canonical(document))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_document_fits_its_published_schema(name: str) -> None:
    document = plain(scorecard_document(without(name, set()), sample(name).subject))
    assert [error.message for error in FITS.iter_errors(document)] == []
    assert ScorecardDocument.model_validate(document).model_dump(exclude_unset=True, mode="json") == document


def test_a_document_is_one_text() -> None:
    assert canonical({"乙": 1, "甲": ["二", None]}) == '{"乙":1,"甲":["二",null]}\n'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_points_are_exact_decimals() -> None:
    of = edition(item("{linear: c.share, from: [0%, 0], to: [100%, 10]}"))
    document = scorecard_document(card(of, {"c.share": "33.33%"}), SUBJECT)
    assert document["total"] == {"low": "3.33", "high": "3.33"}
    assert Fraction(document["total"]["low"]) == Fraction(333, 100)


def test_what_is_wrong_with_the_answers_is_part_of_the_document() -> None:
    of = edition(item("[{points: 10, when: {c.licence: true}}]"))
    (problem,) = scorecard_document(card(of, {"c.licence": "有"}), SUBJECT)["problems"]
    assert problem == {
        "where": "填报",
        "message": "许可证有效：填了 有，只能填 是 或 否。若情况特殊，请先留空并备注，不影响其他内容保存。",
    }


@pytest.mark.parametrize(
    ("basis", "mark"),
    [
        ("[]", "proposed"),
        ("[{provenance: sourced}, {provenance: sourced}]", "sourced"),
        ("[{provenance: proposed}]", "proposed"),
        ("[{provenance: sourced}, {provenance: proposed}]", "adapted"),
    ],
)
def test_nothing_mixed_is_shown_as_quoted(basis: str, mark: str) -> None:
    of = edition(item("[{points: 10, when: {c.licence: true}}]", basis=basis))
    assert provenance(card(of, {}).findings["one"]) == mark


def test_evidence_counts_only_as_evidence() -> None:
    of = edition(item("[{points: 10, when: {evidenced: c.licence}}]"))
    for pieces, points in (((), "0"), ((Piece(title="照片"),), "10")):
        document = scorecard_document(card(of, {"c.licence": Given(value=True, evidence=pieces)}), SUBJECT)
        assert document["total"]["high"] == points


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of everything in a document."""
    yield path
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield from places(value, (*path, key))


DOCUMENT = plain(scorecard_document(card(edition(RULES, HEAD.replace("SPREAD", "group")), WHOLE), SUBJECT))
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [
            "0",
            "-1",
            "0.5",
            "99",
            "1e5",
            "NaN",
            "",
            "9" * 5000,
            "settled",
            "absent",
            "doubtful",
            "take",
            "best",
            "stop",
            "fair",
            "none",
        ]
    ),
    st.sampled_from(
        [[], {}, {"cap": "没有"}, {"drop": 3}, {"panel": {"low": "1", "high": "2", "weight": "1"}}, 5]
    ),
)


@example([(("sections", 0, "groups", 0, "indicators", 0, "why", "bound"), None)])
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(places(DOCUMENT), key=repr)[1:]), anything), min_size=1, max_size=4
    )
)
def test_a_spoiled_document_is_refused_or_added_up_but_never_a_crash(
    spoils: list[tuple[tuple[str | int, ...], Any]],
) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, value in spoils:
        at = document
        try:
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue  # an earlier spoil took the place away
    if FITS.is_valid(document):
        assert all(isinstance(line, str) for line in verify(document))


def test_no_sample_is_forgotten() -> None:
    folder = Path(__file__).parent.parent / "samples" / "social-organisation"
    assert {path.stem for path in folder.glob("*.yaml")} - {*SAMPLES, "all-red-2026"} == set()
