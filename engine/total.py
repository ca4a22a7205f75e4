"""Adding up: findings to groups, sections and the total, absences spread, extras and losses counted.

Points stay integers. Where absent points are spread, `full x earned / applicable` is rounded half up to the
smallest unit, once, at that place. An absent indicator is worth at most what full points would have given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from typing import NamedTuple

from engine.build.edition import Edition
from engine.cases import World, settled
from engine.exact import half_up
from engine.finding import Finding
from engine.intervals import interval
from engine.memory import Memory, recalled_of
from engine.tree import Branch, Extra, Leaf, Loss

SPREAD = {"total": -1, "section": 0, "group": 1}


class Item(NamedTuple):
    """What a part brings to the part above it: `counts` is False for absent, None for not known yet."""

    low: int
    high: int
    full: int
    counts: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A section or group added up.

    `applicable` are the full points left when absences are taken out; `items` is what was added up.
    """

    branch: Branch
    low: int
    high: int
    counts: bool | None
    applicable: tuple[int, int]
    void: bool | None
    children: tuple["Tally", ...]
    items: tuple[Item, ...]


class Extras(NamedTuple):
    """One group of bonus items added up."""

    extra: Extra
    low: int
    high: int


class Lost(NamedTuple):
    """One kind of incident: the least and most that is deducted."""

    id: str
    title: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The whole sum."""

    low: int
    high: int
    counts: bool | None
    sections: tuple[Tally, ...]
    base: tuple[int, int]
    extras: tuple[Extras, ...]
    extra: tuple[int, int]
    lost: tuple[Lost, ...]
    absent: tuple[int, int]


def sum_up(
    edition: Edition, findings: Mapping[str, Finding], world: World, memory: Memory | None = None
) -> Sum:
    """Add findings up."""
    standard = edition.standard
    depth = SPREAD[standard.absence.spread]
    step = _units(edition, standard.rounding.section)
    built = [_tally(section, findings, world, depth) for section in edition.sections]
    tallies = [_rounded(tally, step) for tally, _ in built]
    items = [
        item
        for tally, (_, below) in zip(tallies, built, strict=True)
        for item in (
            [Item(tally.low, tally.high, tally.branch.points, tally.counts)] if depth >= 0 else below
        )
    ]
    whole = spread(items, edition.total)
    if whole.counts is None:
        whole = whole._replace(low=0)  # everything may turn out to be absent, and nothing is worth nothing
    extras = tuple(_extra(extra, findings) for extra in edition.extras)
    extra = (
        min(edition.extra_cap, sum(one.low for one in extras)),
        min(edition.extra_cap, sum(one.high for one in extras)),
    )
    lost = tuple(
        recalled_of(memory, "loss", loss.id, (loss.node.vars, edition, world), partial(_lost, loss, world))
        for loss in edition.losses
    )
    cap = edition.cap if edition.cap is not None else whole.high + extra[1]
    low = max(0, min(cap, whole.low + extra[0]) - sum(one.high for one in lost))
    high = max(0, min(cap, whole.high + extra[1]) - sum(one.low for one in lost))
    step = _units(edition, standard.rounding.total)
    return Sum(
        half_up(low, step) * step,
        half_up(high, step) * step,
        whole.counts,
        tuple(tallies),
        (whole.low, whole.high),
        extras,
        extra,
        lost,
        _absent(edition, findings),
    )


def _units(edition: Edition, points: Fraction | None) -> int:
    return int(points * edition.per_point) if points else 1


def _rounded(tally: Tally, step: int) -> Tally:
    if step == 1:
        return tally
    low, high = half_up(tally.low, step) * step, half_up(tally.high, step) * step
    return replace(tally, low=low, high=high)


def _tally(
    branch: Branch, findings: Mapping[str, Finding], world: World, depth: int
) -> tuple[Tally, list[Item]]:
    """Return the tally of a branch and the items it hands up: itself, or what is in it below the spread."""
    items, children = list[Item](), list[Tally]()
    for child in branch.children:
        if isinstance(child, Leaf):
            items.append(item_of(findings[child.id]))
        else:
            tally, below = _tally(child, findings, world, depth)
            children.append(tally)
            items += below
    void = _void(branch, findings, world) if branch.voiding else False
    if void is not False:
        items = [Item(0, item.high if void is None else 0, item.full, item.counts) for item in items]
    sure = maybe = low = high = 0
    for item in items:
        if item.counts is not False:
            maybe, high = maybe + item.full, high + item.high
        if item.counts:
            sure, low = sure + item.full, low + item.low
    applicable = (sure, maybe)
    if branch.depth > depth:
        return Tally(
            branch, low, high, _counts(items), applicable, void, tuple(children), tuple(items)
        ), items
    whole = (
        Item(low, high, branch.points, True) if all(i.counts for i in items) else spread(items, branch.points)
    )
    told = Tally(branch, whole.low, whole.high, whole.counts, applicable, void, tuple(children), tuple(items))
    return told, [whole]


def item_of(finding: Finding) -> Item:
    """Return what one indicator brings to the sum."""
    counts = True if finding.state in ("settled", "open") else False if finding.state == "absent" else None
    return Item(finding.low, finding.high, finding.leaf.points, counts)


def _counts(items: list[Item]) -> bool | None:
    if any(item.counts for item in items):
        return True
    return None if any(item.counts is None for item in items) else False


def spread(items: list[Item], full: int) -> Item:
    """Add items up to their full points, those that do not count spread over those that do.

    Where it is open whether an item counts, each end takes it in only if that moves the end outward: the result
    contains every way to settle it, and both ends are reached.
    """
    sure = [item for item in items if item.counts is True]
    open_ = [item for item in items if item.counts is None]
    if not sure and not open_:
        return Item(0, 0, full, False)
    if len(sure) == len(items):
        return Item(sum(item.low for item in items), sum(item.high for item in items), full, True)
    low, high = (half_up(full * earned, applicable) for earned, applicable in _ends(sure, open_))
    return Item(low, high, full, True if sure else None)


def share(items: Iterable[Item]) -> tuple[Fraction, Fraction, bool] | None:
    """Return the least and greatest share earned of what applies, and whether anything surely applies.

    None when nothing can apply.
    """
    return _share(tuple(items))


@lru_cache(maxsize=10_000)
def _share(items: tuple[Item, ...]) -> tuple[Fraction, Fraction, bool] | None:
    sure, open_ = ([item for item in items if item.counts is kind] for kind in (True, None))
    if not sure and not open_:
        return None
    low, high = (Fraction(*found) for found in _ends(sure, open_))
    return low, high, bool(sure)


def _ends(sure: list[Item], open_: list[Item]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return earned and applicable points where earned / applicable is least, and where it is greatest."""
    return (
        _end([(item.low, item.full) for item in sure], [(item.low, item.full) for item in open_], -1),
        _end([(item.high, item.full) for item in sure], [(item.high, item.full) for item in open_], 1),
    )


def _end(sure: list[tuple[int, int]], open_: list[tuple[int, int]], way: int) -> tuple[int, int]:
    earned, applicable = sum(points for points, _ in sure), sum(size for _, size in sure)
    for points, size in sorted(open_, key=lambda one: Fraction(one[0], one[1]), reverse=way > 0):
        if not applicable or way * (points * applicable - earned * size) > 0:
            earned, applicable = earned + points, applicable + size
    return earned, applicable


def _void(branch: Branch, findings: Mapping[str, Finding], world: World) -> bool | None:
    """Whether a breach in an indicator takes this branch's points: the parent's, or the whole section's."""
    results = set[bool | None]()
    for leaf in branch.voiding:
        if leaf.voids is None or findings[leaf.id].state == "absent":
            continue
        held = settled(leaf.voids, world)
        results.add(None if held and findings[leaf.id].state == "doubtful" else held)
    return True if True in results else None if None in results else False


def _extra(extra: Extra, findings: Mapping[str, Finding]) -> Extras:
    own = [findings[leaf.id] for leaf in extra.leaves]
    counted = [one for one in own if one.state != "absent"]
    lows = [0 if one.state == "doubtful" else one.low for one in counted]
    highs = [one.high for one in counted]
    low, high = (max([0, *lows]), max([0, *highs])) if extra.highest else (sum(lows), sum(highs))
    cap = extra.cap if extra.cap is not None else high
    return Extras(extra, min(low, cap), min(high, cap))


def _lost(loss: Loss, world: World) -> Lost:
    low, high = interval(loss.node, world)
    return Lost(loss.id, loss.title, low, high)


def _absent(edition: Edition, findings: Mapping[str, Finding]) -> tuple[int, int]:
    """Return the least and most points of indicators that are absent, whatever became of them."""
    sure = maybe = 0
    for leaf in edition.leaves:
        finding = findings[leaf.id]
        if finding.state == "absent" or (finding.state == "settled" and finding.mode in ("full", "exclude")):
            sure += leaf.points
        elif finding.mode in ("full", "exclude"):
            maybe += leaf.points
    return sure, sure + maybe
