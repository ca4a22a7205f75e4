"""A report: what a scorecard says, in words and exact numbers, in the order people read it.

Made of the engine's document and nothing else, so that a page, a sheet and a print say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from engine.exact import show_percent
from engine.losses import Step, losses, steps
from portal.reports.words import (
    EARNED,
    LAYERS,
    MET,
    PROVENANCE,
    STATUS,
    effect,
    source_words,
    span,
    state_of,
    veto_word,
)

NOT_OFFICIAL = "本成绩由程序按上述标准计算，不是协会或任何部门的正式文件；正式结果以秘书处公布的为准"
NO_DISCLAIMER = "本版没有写明性质，请勿当作正式文本"
INVENTED = "演示数据：学校、答案和成绩全部虚构"
MOST_MATTERS = 10


@dataclass(frozen=True, slots=True)
class About:
    """What a document does not say of itself: where it belongs, how it came about, and its fingerprint.

    `at` is when it was kept, or made where it was not; `sources` are the titles of the sources by id.
    """

    university: str
    round: str
    stage: str
    at: str
    sha256: str
    sources: Mapping[str, str]
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section, the bonus or one side of a weighing: points certain and possible, out of how many."""

    title: str
    low: str
    high: str
    full: str

    @property
    def span(self) -> str:
        """The points, or the interval."""
        return span({"low": self.low, "high": self.high})


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator."""

    id: str
    section: str
    group: str
    title: str
    key: bool
    full: str
    low: str
    high: str
    state: str
    reason: str
    next: tuple[str, ...]
    fix: str
    provenance: str
    basis: tuple[str, ...]

    @property
    def span(self) -> str:
        """The points, or the interval."""
        return span({"low": self.low, "high": self.high})


@dataclass(frozen=True, slots=True)
class Lost:
    """What an indicator cost: points gone for certain, points still open. `item` is empty for what remains."""

    section: str
    title: str
    lost: str
    open: str
    void: str
    item: Item | None


@dataclass(frozen=True, slots=True)
class Veto:
    """One veto."""

    title: str
    state: str
    effect: str
    reason: str
    fix: str
    basis: tuple[str, ...]
    stands: bool
    """Whether it holds or is in doubt."""


@dataclass(frozen=True, slots=True)
class Card:
    """The report of one subject."""

    subject: str
    layer: str
    total: Part
    grade: str
    possible: tuple[str, ...]
    lines: tuple[str, ...]
    answered: tuple[int, int]
    settled_points: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    items: tuple[Item, ...]
    lost: tuple[Lost, ...]
    vetoes: tuple[Veto, ...]
    requirements: tuple[tuple[str, str, str], ...]
    incidents: tuple[tuple[str, str], ...]
    weighing: tuple[Part, ...]
    ways: tuple[tuple[str, tuple[str, ...]], ...]
    matters: tuple[tuple[str, str, int], ...]
    missing: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def unmet(self) -> tuple[tuple[str, str], ...]:
        """Each grade with what of its requirements is not met, or not known, in one line."""
        return tuple(
            (grade, "；".join(f"{title}（{met}）" for _, title, met in several))
            for grade, several in groupby(
                (one for one in self.requirements if one[2] != MET[True]), key=lambda one: one[0]
            )
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """One subject in a roll-up."""

    title: str
    total: str
    grade: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The roll-up of several subjects."""

    figures: tuple[tuple[str, str], ...]
    shares: tuple[tuple[str, str], ...]
    titles: tuple[tuple[str, str], ...]
    vetoed: tuple[str, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: its head, the roll-up where there is one, and each subject."""

    title: str
    head: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    about: About
    whole: Whole | None
    cards: tuple[Card, ...]


def report_of(
    documents: Iterable[Mapping[str, Any]], about: About, roll_up: Mapping[str, Any] | None = None
) -> Report:
    """Make a report of one scorecard, or of several with their roll-up, all of one layer. There is at least one."""
    cards = list(documents)
    first = cards[0]
    standard, layer = first["standard"], LAYERS.get(first["layer"], first["layer"])
    subject = (roll_up or first)["subject"]["title"]
    head = (
        ("学校", about.university),
        ("对象", f"{subject}（{len(cards)} 个对象汇总）" if roll_up else subject),
        ("批次", about.round),
        ("成绩", f"{layer}　{about.stage}"),
        ("标准", f"{standard['title']}，{standard['edition']} 版，{STATUS[standard['status']]}"),
        ("评定日", first["as_of"]),
        ("标准指纹", standard["hash"]),
        ("成绩单指纹", about.sha256),
    )
    return Report(
        f"{subject}　{layer}成绩单",
        head,
        notices_of(standard, invented=about.invented),
        about,
        whole_of(roll_up, standard) if roll_up else None,
        tuple(card_of(one, about.sources) for one in cards),
    )


def notices_of(standard: Mapping[str, Any], *, invented: bool) -> tuple[str, ...]:
    """Return what the figures are and are not: invented, draft, no official text."""
    own = standard["disclaimer"] or NO_DISCLAIMER
    return (*((INVENTED,) if invented else ()), own.rstrip("。"), NOT_OFFICIAL)


def grade_of(card: Mapping[str, Any]) -> str:
    """Return the grade in one word, 待定 while more than one is possible."""
    possible = card["grade"]["possible"]
    return str(possible[0]["title"]) if len(possible) == 1 else "待定"


def parts_of(card: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the sections, and the bonus where there is one."""
    found = [Part(one["title"], one["low"], one["high"], one["points"]) for one in card["sections"]]
    if card["bonus"]:
        bonus = card["bonus"]
        found.append(Part("附加分", bonus["low"], bonus["high"], bonus["up_to"]))
    return tuple(found)


def card_of(card: Mapping[str, Any], sources: Mapping[str, str]) -> Card:
    """Make the report of one scorecard; `sources` are the titles of sources by id."""
    standard, coverage = card["standard"], card["coverage"]
    items = tuple(_items(card, sources))
    by = {one.id: one for one in items}
    titles = {one["id"]: one["title"] for one in standard["grades"]}
    named = {one["id"]: one["title"] for one in coverage["missing"]}
    return Card(
        card["subject"]["title"],
        LAYERS.get(card["layer"], card["layer"]),
        Part("总分", card["total"]["low"], card["total"]["high"], standard["total"]),
        grade_of(card),
        tuple(one["title"] for one in card["grade"]["possible"]),
        tuple(f"{one['title']} {'＞' if one['above'] else '≥'} {one['line']}" for one in standard["grades"]),
        (coverage["answered"], coverage["asked"]),
        coverage["settled_points"],
        parts_of(card),
        steps(card),
        items,
        tuple(
            Lost(
                one.section,
                one.title,
                one.lost,
                one.open,
                one.void,
                by[one.indicator["id"]] if one.indicator else None,
            )
            for one in losses(card)
        ),
        tuple(_veto(one, titles, standard, sources) for one in card["vetoes"]),
        tuple((titles[one["grade"]], one["title"], MET[one["met"]]) for one in card["requirements"]),
        tuple((one["title"], span(one)) for one in card["incidents"]),
        tuple(
            Part(LAYERS.get(who, "测评"), one["low"], one["high"], one["weight"])
            for who, one in card["weighing"].items()
        ),
        tuple(
            (one["title"], tuple(named.get(fact, fact) for fact in one["facts"]))
            for one in card["settling"]["ways"]
        ),
        tuple(
            (one["title"], one["points"], len(one["indicators"]))
            for one in card["settling"]["matters"][:MOST_MATTERS]
        ),
        tuple(one["title"] for one in coverage["missing"]),
        tuple(one["message"] for one in card["problems"]),
    )


def _items(card: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[Item]:
    for section in card["sections"]:
        yield from _below(section, section["title"], (), sources)
    for group in card["bonus"]["groups"] if card["bonus"] else ():
        for one in group["indicators"]:
            yield _item(one, "附加分", group["title"], sources)


def _below(
    branch: Mapping[str, Any], section: str, groups: tuple[str, ...], sources: Mapping[str, str]
) -> Iterator[Item]:
    for group in branch["groups"]:
        yield from _below(group, section, (*groups, group["title"]), sources)
    for one in branch["indicators"]:
        yield _item(one, section, " · ".join(groups), sources)


def _item(one: Mapping[str, Any], section: str, group: str, sources: Mapping[str, str]) -> Item:
    return Item(
        one["id"],
        section,
        group,
        one["title"],
        one["key"],
        one["points"],
        one["low"],
        one["high"],
        state_of(one),
        one["sentence"],
        tuple(one["next"]),
        one["fix"] or "",
        PROVENANCE[one["provenance"]],
        tuple(source_words(line, sources) for line in one["basis"]),
    )


def _veto(
    one: Mapping[str, Any],
    grades: Mapping[str, str],
    standard: Mapping[str, Any],
    sources: Mapping[str, str],
) -> Veto:
    return Veto(
        one["title"],
        veto_word(one),
        effect(one, grades, standard),
        one["sentence"],
        one["fix"] or "",
        tuple(source_words(line, sources) for line in one["basis"]),
        one["state"] in ("成立", "存疑"),
    )


def whole_of(roll_up: Mapping[str, Any], standard: Mapping[str, Any]) -> Whole:
    """Make the report of a roll-up; `standard` is the head of any scorecard in it."""
    grades = {one["id"]: one["title"] for one in standard["grades"]}
    figures = [("平均分", roll_up["mean"]), ("最低分", roll_up["worst"])]
    if roll_up["weighted_mean"]:
        figures.append(("加权平均分", roll_up["weighted_mean"]))
    named = {one["id"]: one["title"] for one in roll_up["units"]}
    shares = [(f"{grades[one]}以上的占比", ends) for one, ends in roll_up["shares"].items()]
    shares += [(f"{grades[one]}以上的占比（加权）", ends) for one, ends in roll_up["weighted_shares"].items()]
    return Whole(
        tuple((title, span(ends)) for title, ends in figures),
        tuple((title, _percent(ends)) for title, ends in shares),
        tuple((one["title"], EARNED[one["earned"]]) for one in roll_up["titles"]),
        tuple(named[one] for one in roll_up["vetoed"]),
        tuple(
            Unit(
                one["title"],
                span(one["total"]),
                one["possible"][0] if len(one["possible"]) == 1 else "待定",
            )
            for one in roll_up["units"]
        ),
    )


def _percent(ends: Mapping[str, str]) -> str:
    return span({name: show_percent(Fraction(value)) for name, value in ends.items()})
