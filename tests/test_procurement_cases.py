"""Ten real procurements: what the two guides must say of them, with only what the public material states."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from engine.answers import Stated
from engine.document import scorecard_document
from engine.evaluate import worth
from engine.judge import Scorecard, judge
from engine.models.submission import Given, Submission
from engine.outside import read
from engine.rollup import stated_by
from engine.rulings import said_of
from engine.verify import verify
from tests.test_book_laws import ROOT, book

HERE = Path(__file__).parent
GUIDES = ("canteen-procurement", "property-procurement")
CODES: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "procurement_codes.yaml").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "procurement_cases.yaml").read_text("utf-8"))
IDS = {code: ids for part in CODES.values() for code, ids in part.items()}
RED_LINE = {"成立": "fail", "不成立": "pass", "不适用": "not_applicable", "还不知道": "unknown"}


class Expected(NamedTuple):
    """What one rule must say of a case, once some more has been answered."""

    case: str
    rule: str
    outcome: str
    more: dict[str, Any]


# ------------------------------------------------------------------------------------------------------ the ten cases


def expected(case: str, code: str, wanted: str | dict[str, Any]) -> list[Expected]:
    """Spell out what the data file says of one code."""
    if isinstance(wanted, str):
        word = "unknown" if wanted == "manual" else wanted
        return [Expected(case, rule, word, {}) for rule in IDS[code]]
    if "confirmed" in wanted or "candidate" in wanted:
        (rule,) = IDS[code]
        return [Expected(case, rule, "fail" if wanted.get("confirmed") else "candidate", {})]
    if sorted(wanted) == sorted(IDS[code]):
        return [Expected(case, rule, outcome, {}) for rule, outcome in wanted.items()]
    (rule,), ((word, more),) = IDS[code], wanted.items()
    outcome, named_if = word.split("_")
    assert named_if == "if"
    each = [
        [(fact, one) for one in (given if isinstance(given, list) else [given])]
        for fact, given in more.items()
    ]
    return [
        Expected(case, rule, "unknown", {}),
        *(Expected(case, rule, outcome, dict(one)) for one in product(*each)),
    ]


EXPECTED = [
    one
    for case, told in CASES.items()
    for code, wanted in told["expect"].items()
    for one in expected(case, code, wanted)
]


@cache
def material(case: str) -> Submission:
    """Return what the public material of a case states."""
    path = ROOT / "samples" / f"{CASES[case]['sample']}.yaml"
    submission, _, problems = read(path.read_bytes(), path.name, "submission")
    assert problems == []
    assert isinstance(submission, Submission)
    return submission


def judged(case: str, more: dict[str, Any] | None = None) -> Scorecard:
    """Judge a case, with some more answered than the material states."""
    said = stated_by(material(case))
    assert not set(more or {}) & set(said.answers), "what the material states is not replaced"
    answers = {**said.answers, **{fact: Given(value=str(value)) for fact, value in (more or {}).items()}}
    return judge(book(material(case).standard), Stated(answers, {}, {}, said.as_of, said.region))


def outcome(card: Scorecard, rule: str) -> str:
    """Say in one word what came out for an indicator or a red line."""
    if rule in card.findings:
        finding = card.findings[rule]
        if finding.state == "absent":
            return "not_applicable"
        if finding.state != "settled":
            return "unknown"
        return "pass" if finding.low == finding.leaf.points else "fail"
    (ruling,) = (one for one in card.rulings if one.veto.id == rule)
    said = said_of(ruling)
    if said == "存疑":
        return {"边界": "borderline", "疑似": "candidate"}[str(ruling.veto.source.doubt)]
    return RED_LINE[said]


@pytest.mark.parametrize("one", EXPECTED, ids=lambda one: f"{one.case}-{one.rule}{'-if' * bool(one.more)}")
def test_a_real_case_comes_out_as_it_should(one: Expected) -> None:
    assert outcome(judged(one.case, one.more), one.rule) == one.outcome


@pytest.mark.parametrize("case", CASES)
def test_the_material_is_read_and_adds_up(case: str) -> None:
    """Nothing is wrong with the material; a figure of the law not entered for its place and day is said."""
    found = judged(case)
    assert {problem.code for problem in found.problems} <= {"no-value"}
    assert all("这个地区和日期没有规定的数值" in problem.what for problem in found.problems)
    assert verify(scorecard_document(found, material(case).subject)) == []


@pytest.mark.parametrize("case", CASES)
def test_days_are_counted_from_the_stated_dates(case: str) -> None:
    world, quantities = judged(case).world, book(material(case).standard).words.quantities
    for fact, days in CASES[case].get("computed", {}).items():
        assert worth(quantities[fact], world.known) == days, fact  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES)
def test_discriminatory_terms_are_confirmed_or_only_candidates(case: str) -> None:
    """Which of the twenty-two kinds: a term is a candidate until somebody confirms it."""
    wanted = CASES[case]["expect"].get("P-306", {})
    rows = material(case).answers.get("tender.flagged_terms", Given(value=[])).value
    kinds = {
        finding: sorted(row["表现"] for row in rows if row["认定"] == finding) for finding in ("确认", "疑似")
    }
    assert kinds == {"确认": wanted.get("confirmed", []), "疑似": wanted.get("candidate", [])}
    assert len(rows) == sum(map(len, kinds.values()))


@pytest.mark.parametrize("case", CASES)
def test_a_case_says_where_it_comes_from(case: str) -> None:
    said = material(case)
    assert (said.origin, said.subject.kind, said.subject.id) == ("real", "采购项目", f"case-{case.lower()}")
    assert said.origin_note
    assert {given.evidence for given in said.answers.values()} == {()}, "public material hands in no evidence"
    assert (said.judged, said.not_applicable) == ({}, {})


def test_every_sample_of_a_real_case_is_expected_something() -> None:
    samples = {
        f"{guide}/{path.stem}" for guide in GUIDES for path in (ROOT / "samples" / guide).glob("case-*.yaml")
    }
    assert samples == {told["sample"] for told in CASES.values()}
    assert len(CASES) == 10


# ---------------------------------------------------------------------------------------------------------- the codes


def rules(guide: str) -> list[str]:
    """Return every indicator and red line of a guide."""
    return [leaf.id for leaf in book(guide).every_leaf] + [veto.id for veto in book(guide).vetoes]


def test_the_list_has_150_common_codes_and_29_and_28_of_their_own() -> None:
    assert {part: len(codes) for part, codes in CODES.items()} == {
        "shared": 150,
        "canteen-procurement": 29,
        "property-procurement": 28,
    }
    starts = {"shared": "P-", "canteen-procurement": "CT-", "property-procurement": "WY-"}
    assert all(code.startswith(starts[part]) for part, codes in CODES.items() for code in codes)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_rule_of_a_guide_has_exactly_one_code(guide: str) -> None:
    named = Counter(rule for part in ("shared", guide) for ids in CODES[part].values() for rule in ids)
    assert named == Counter(rules(guide))


def test_only_common_rules_stand_in_both_guides() -> None:
    shared = set(rules(GUIDES[0])) & set(rules(GUIDES[1]))
    assert shared == {rule for ids in CODES["shared"].values() for rule in ids}
