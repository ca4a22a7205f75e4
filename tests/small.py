"""Random small standards, small enough that every way to complete the answers can be tried."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from engine.answers import Stated
from engine.build.edition import Edition
from engine.judge import Scorecard, judge
from engine.load import load_texts
from engine.models.submission import Given

FACTS: dict[str, Any] = {
    "d.staff": {"integer": {"at_least": 1, "at_most": 4}},
    "d.passed": {"integer": {"at_least": 0, "at_most": "d.staff"}},
    "d.events": {"integer": {"at_least": 0, "at_most": 4}},
    "d.area": {"number": {"at_least": 0, "at_most": 1, "decimals": 1}},
    "d.licence": "yes_no",
    "d.kind": {"choice": ["甲", "乙", "丙"]},
    "d.rules": {"choices": ["一", "二", "三"]},
}
DERIVED = [
    {"id": "d.rate", "title": "合格率", "ratio": ["d.passed", "d.staff"]},
    {"id": "d.both", "title": "合计", "sum": ["d.passed", "d.events"]},
    {"id": "d.gap", "title": "差", "difference": ["d.staff", "d.passed"]},
    {"id": "d.per_staff", "title": "人均事件", "ratio": ["d.events", "d.staff"]},
]
NUMBERS = {
    "d.staff": ["1", "2", "3", "4"],
    "d.passed": ["0", "1", "2", "3", "d.events"],
    "d.events": ["0", "1", "2", "3", "4", "d.passed"],
    "d.area": ["0.1", "0.3", "0.5", "0.9"],
    "d.rules": ["1", "2", "3"],
    "d.rate": ["0%", "50%", "66.6%", "90%", "100%"],
    "d.both": ["1", "2", "4", "7"],
    "d.gap": ["0", "1", "2"],
    "d.per_staff": ["50%", "1", "1.5", "2"],
}
VALUES: dict[str, list[Any]] = {
    "d.staff": [1, 2, 3, 4],
    "d.passed": [0, 1, 2, 3, 4],
    "d.events": [0, 1, 2, 3, 4],
    "d.area": ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"],
    "d.licence": [True, False],
    "d.kind": ["甲", "乙", "丙"],
    "d.rules": [list(some) for n in range(4) for some in itertools.combinations("一二三", n)],
}

tests_of_numbers = st.sampled_from(sorted(NUMBERS)).flatmap(
    lambda name: st.builds(
        lambda word, value: {name: {word: value}},
        st.sampled_from(["at_least", "at_most", "more_than", "less_than", "equals"]),
        st.sampled_from(NUMBERS[name]),
    )
)
simple = st.one_of(
    tests_of_numbers,
    st.booleans().map(lambda yes: {"d.licence": yes}),
    st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=2, unique=True).map(
        lambda some: {"d.kind": {"one_of": some}}
    ),
    st.sampled_from("一二三").map(lambda one: {"d.rules": {"includes": one}}),
)
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"all": some}),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"any": some}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=3,
)
points = st.sampled_from([0.5, 1, 2, 2.5, 3])
lines = st.lists(st.fixed_dictionaries({"points": points, "when": conditions}), min_size=1, max_size=3)
events = st.fixed_dictionaries(
    {"each": st.sampled_from(["d.events", "d.passed", "d.rules", "d.gap", "d.both"]), "points": points},
    optional={
        "over": st.sampled_from(["0", "1"]),
        "part": st.sampled_from(["ignored", "counts"]),
        "per": st.just("2"),
    },
)
simple_parts = st.one_of(
    lines.map(lambda some: {"steps": some}),
    events,
    st.fixed_dictionaries({"points": points, "when": conditions}),
)
shapes = st.one_of(
    simple_parts,
    st.lists(simple_parts, min_size=1, max_size=3).map(lambda some: {"items": some}),
    st.lists(simple_parts, min_size=1, max_size=2).map(lambda some: {"deduct_from": 4, "items": some}),
    st.lists(simple_parts, min_size=2, max_size=2).map(lambda some: {"best_of": some}),
    st.lists(simple_parts, min_size=2, max_size=2).map(lambda some: {"worst_of": some}),
    st.lists(conditions, min_size=2, max_size=3).map(
        lambda some: {"items": [{"when": one} for one in some], "by_count": {1: 1, 2: 3}}
    ),
    st.just({"linear": "d.rate", "from": ["0%", 0], "to": ["100%", 4], "step": 0.5}),
    st.just({"linear": "d.area", "from": [0.2, 4], "to": [0.8, 0], "round": "down"}),
)


@st.composite
def indicators(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw one indicator worth four points."""
    made: dict[str, Any] = {
        "id": f"i{number}",
        "title": f"指标{number}",
        "points": 4,
        "score": {"parts": [draw(shapes)], "up_to": 4},
    }
    if draw(st.integers(0, 3)) == 0:
        made["zero_when"] = draw(conditions)
        if draw(st.booleans()):
            made["voids"] = draw(st.sampled_from(["parent", "section"]))
    absence = draw(st.sampled_from(["", "", "applies", "claim"]))
    if absence:
        made["absent"] = draw(st.sampled_from(["exclude", "full", "zero", "refuse"]))
    if absence == "applies":
        made["applies_when"] = draw(simple)
    return made


@dataclass(frozen=True)
class Small:
    """A small standard: its files and its edition."""

    files: dict[str, str]
    edition: Edition = field(repr=False)


@st.composite
def standards(draw: st.DrawFn) -> Small:
    """Draw a small standard with two sections, a veto and two grades."""
    counts = [draw(st.integers(1, 2)), draw(st.integers(1, 2))]
    numbers = iter(range(9))
    sections = []
    for index, count in enumerate(counts):
        leaves = [draw(indicators(next(numbers))) for _ in range(count)]
        group = {"id": f"g{index}", "title": f"组{index}", "points": 4 * count, "indicators": leaves}
        sections.append(
            {"section": {"id": f"s{index}", "title": f"区{index}", "points": 4 * count}, "groups": [group]}
        )
    total = 4 * sum(counts)
    standard: dict[str, Any] = {
        "id": "small",
        "edition": "1",
        "title": "小标准",
        "status": "draft",
        "per": "食堂",
        "total": total,
        "sections": [f"{index}-s.yaml" for index in range(len(sections))],
        "absence": {"spread": draw(st.sampled_from(["group", "section", "total"]))},
        "grades": [
            {"id": "good", "title": "良好", "at_least": total * 3 / 4},
            {"id": "fair", "title": "达标", "more_than": total / 2},
        ],
    }
    if draw(st.booleans()):
        effect = draw(st.sampled_from(["deny", "stop", {"cap": "fair"}, {"drop": 1}]))
        standard["vetoes"] = [{"id": "v", "title": "否决", "when": draw(simple), "effect": effect}]
    if draw(st.booleans()):
        need = {"title": "前置", "section": "s0", "at_least": "50%"}
        standard["grades"][0] |= {"requires": [need], "on_fail": draw(st.sampled_from(["next", "none"]))}
    if draw(st.booleans()):
        standard["incidents"] = [{"id": "n", "title": "通报", "each": "d.events", "points": 0.5, "up_to": 1}]
    if draw(st.booleans()):
        standard["rounding"] = {"total": 0.5}
    facts = [{"id": name, "ask": name, "answer": answer} for name, answer in FACTS.items()]
    files = {
        "checklists/d.yaml": {
            "checklist": {"id": "d", "title": "清单", "desk": "办公室"},
            "facts": facts,
            "derive": DERIVED,
        },
        "rules/small/1/standard.yaml": standard,
        **{f"rules/small/1/{index}-s.yaml": section for index, section in enumerate(sections)},
    }
    texts = {name: json.dumps(data, ensure_ascii=False) for name, data in files.items()}
    return Small(texts, edition_of(texts))


def edition_of(texts: dict[str, str]) -> Edition:
    """Build the edition of a small standard; it must be free of mistakes."""
    library, problems = load_texts({name: text.encode() for name, text in texts.items()})
    assert problems == []
    return library.editions["small", "1"]


@st.composite
def partial_answers(draw: st.DrawFn, open_at_most: int = 3) -> dict[str, Any]:
    """Draw answers to most of the facts."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=open_at_most, unique=True))
    answers = {name: draw(st.sampled_from(VALUES[name])) for name in sorted(VALUES) if name not in names}
    return (
        answers if fits(answers) else {name: value for name, value in answers.items() if name != "d.passed"}
    )


def fits(answers: dict[str, Any]) -> bool:
    """Whether no more staff passed than there are."""
    return "d.passed" not in answers or "d.staff" not in answers or answers["d.passed"] <= answers["d.staff"]


def completions(answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every way to answer what is open."""
    names = [name for name in VALUES if name not in answers]
    for values in itertools.product(*(VALUES[name] for name in names)):
        whole = answers | dict(zip(names, values, strict=True))
        if fits(whole):
            yield whole


def judged(edition: Edition, answers: dict[str, Any], claims: dict[str, str] | None = None) -> Scorecard:
    """Judge answers by a small standard."""
    given = {name: Given(value=value) for name, value in answers.items()}
    return judge(edition, Stated(given, {}, claims or {}, "2024-06-30"))
