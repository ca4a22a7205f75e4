"""Where the points went: from full points down to the total, step by step, and what each indicator cost, the most first.

Read from the document of a scorecard alone, kept or new. Whoever shows it only prints: the steps lead from full points
to the total exactly, and what the indicators of a section cost is what its step costs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from engine.exact import show

Kind = Literal["full", "section", "absent", "bonus", "cap", "incident", "rounding", "weighing", "total"]

TITLES: Mapping[Kind, str] = {
    "full": "满分",
    "absent": "缺项折算",
    "bonus": "附加分",
    "cap": "总分封顶",
    "rounding": "总分取整",
    "weighing": "各方加权",
    "total": "总分",
}
"""How steps are called that are nobody's own."""

REST = "缺项折算与取整"
"""What a section lost or gained beyond what its indicators did."""


class Ends(NamedTuple):
    """The certain and the possible points."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One step down, or up: `lost` is gone for certain, `open` may still be had; both are below zero for what was won.

    What is taken ends at no points at all: an incident that costs more than is left, costs what is left.

    `before` and `after` are the certain points before and after it; the last step says what is certain and what is open.
    """

    kind: Kind
    id: str
    title: str
    lost: str
    open: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Loss:
    """What one indicator cost. `void` names the group whose breach took its points.

    `indicator` is its part of the document; empty for what remains of a section, by spreading absences and rounding.
    """

    section: str
    groups: tuple[str, ...]
    title: str
    lost: str
    open: str
    void: str
    indicator: Mapping[str, Any] | None


def steps(card: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the way from full points to the total."""
    return tuple(_Walk(card).steps())


def losses(card: Mapping[str, Any]) -> tuple[Loss, ...]:
    """Return every indicator that lost points or may still lose some, what is certain first, the most first."""
    spread = card["standard"]["spread"]
    found = [one for section in card["sections"] for one in _section_losses(section, spread)]
    return tuple(loss for _, _, loss in sorted(found, key=lambda one: (-one[0], -one[1])))


def _ends(part: Mapping[str, Any]) -> Ends:
    return Ends(Fraction(part["low"]), Fraction(part["high"]))


class _Walk:
    """Walks from full points to the total, noting each step."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self.card, self.standard = card, card["standard"]
        full = Fraction(self.standard["total"])
        self.now = Ends(full, full)

    def to(self, after: Ends, kind: Kind, name: str = "", title: str = "") -> Step:
        """Go on to the points after a step."""
        before, self.now = self.now, after
        lost = before.high - after.high
        open_ = (before.low - after.low) - lost
        titled = title or TITLES[kind]
        return Step(kind, name, titled, show(lost), show(open_), show(before.low), show(after.low))

    def to_other(self, after: Ends, kind: Kind) -> Iterator[Step]:
        """Go on if that changes anything."""
        if after != self.now:
            yield self.to(after, kind)

    def steps(self) -> Iterator[Step]:
        """Yield every step."""
        card = self.card
        yield self.to(self.now, "full")
        for section in card["sections"]:
            full, got = _full(section, self.standard["spread"]), _ends(section)
            after = Ends(self.now.low - (full - got.low), self.now.high - (full - got.high))
            yield self.to(after, "section", section["id"], section["title"])
        yield from self.to_other(_ends(card["base"]), "absent")
        bonus = _ends(card["bonus"] or {"low": "0", "high": "0"})
        yield from self.to_other(Ends(self.now.low + bonus.low, self.now.high + bonus.high), "bonus")
        if self.standard["total_cap"] is not None:
            cap = Fraction(self.standard["total_cap"])
            yield from self.to_other(Ends(min(cap, self.now.low), min(cap, self.now.high)), "cap")
        zero = Fraction(0)
        for incident in card["incidents"]:
            least, most = _ends(incident)
            if most:
                after = Ends(max(zero, self.now.low - most), max(zero, self.now.high - least))
                yield self.to(after, "incident", incident["id"], incident["title"])
        total = _ends(card["total"])
        if card["weighing"]:
            yield from self.to_other(_ends(card["weighing"].get("panel", card["total"])), "rounding")
            yield from self.to_other(total, "weighing")
        yield from self.to_other(total, "rounding")
        open_ = show(total.high - total.low)
        yield Step("total", "", TITLES["total"], "0", open_, show(total.low), show(total.low))


def _full(section: Mapping[str, Any], spread: str) -> Fraction:
    """Return the points a section could give; absences that are spread over the total are not the section's."""
    return Fraction(section["applicable"]["high"] if spread == "total" else section["points"])


def _section_losses(section: Mapping[str, Any], spread: str) -> Iterator[tuple[Fraction, Fraction, Loss]]:
    got, full = _ends(section), _full(section, spread)
    rest_lost, rest_open = full - got.high, got.high - got.low
    for groups, void, indicator in _leaves(section, (), ""):
        lost, open_ = _cost(indicator, void)
        rest_lost, rest_open = rest_lost - lost, rest_open - open_
        if lost or open_:
            told = Loss(
                section["title"], groups, indicator["title"], show(lost), show(open_), void[1:], indicator
            )
            yield lost, open_, told
    if rest_lost or rest_open:
        yield (
            rest_lost,
            rest_open,
            Loss(section["title"], (), REST, show(rest_lost), show(rest_open), "", None),
        )


def _leaves(
    branch: Mapping[str, Any], groups: tuple[str, ...], void: str
) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """Yield the indicators below a branch, with the groups above and what takes their points: `!` surely, `?` perhaps."""
    if branch["void"] is not False and not void.startswith("!"):
        void = ("?" if branch["void"] is None else "!") + branch["title"]
    for group in branch["groups"]:
        yield from _leaves(group, (*groups, group["title"]), void)
    for one in branch["indicators"]:
        yield groups, void, one


def _cost(indicator: Mapping[str, Any], void: str) -> Ends:
    """Return what an indicator lost and what is open; what is absent cost nothing."""
    full, got = Fraction(indicator["points"]), _ends(indicator)
    if indicator["state"] == "absent":
        return Ends(Fraction(0), Fraction(0))
    if void.startswith("!"):
        return Ends(full, Fraction(0))
    low = Fraction(0) if void or indicator["state"] == "doubtful" else got.low
    return Ends(full - got.high, got.high - low)
