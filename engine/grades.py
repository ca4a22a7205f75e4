"""From the total to the grade: lines, requirements, caps, drops, and what stays possible."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.build.edition import Edition
from engine.cases import World, settled
from engine.finding import Finding, Ruling
from engine.rulings import keys_missed
from engine.total import Sum, share
from engine.tree import Demand, Rank

NONE, DENIED, STOPPED, WITHHELD = "none", "denied", "stopped", "withheld"

NAMES = {DENIED: "不予评定", STOPPED: "停止评定", WITHHELD: "缺项超过上限，不评等级"}
"""What an outcome is called when it is no grade of the standard."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The grades that are still possible, best first; one of them is certain when it stands alone."""

    possible: tuple[str, ...]
    demands: tuple[tuple[str, str, bool | None], ...]

    @property
    def settled(self) -> str | None:
        """The grade, when it is certain."""
        return self.possible[0] if len(self.possible) == 1 else None


def outcome_title(edition: Edition, outcome: str) -> str:
    """Return how an outcome is called."""
    if outcome == NONE:
        return edition.standard.no_grade
    if outcome == DENIED and edition.standard.denied_title:
        return edition.standard.denied_title
    return NAMES.get(outcome) or next(rank.title for rank in edition.ranks if rank.id == outcome)


def outcomes(
    edition: Edition,
    findings: Mapping[str, Finding],
    total: Sum,
    rulings: tuple[Ruling, ...],
    world: World,
) -> Outcome:
    """Return every grade that some completion of the answers could lead to."""
    met = {
        rank.id: [(demand, demand_met(edition, demand, findings, total, world)) for demand in rank.demands]
        for rank in edition.ranks
    }
    told = tuple(
        (rank.id, demand.source.title, held) for rank in edition.ranks for demand, held in met[rank.id]
    )
    order = [STOPPED, DENIED, WITHHELD, *(rank.id for rank in edition.ranks), NONE]
    found = _overruled(rulings)
    if None not in found:
        return Outcome(tuple(one for one in order if one in found), told)
    found = found - {None}
    limit = edition.standard.absence.limit
    over = False
    if limit is not None:
        least, most = (points > limit * edition.total for points in total.absent)
        over = least
        found |= {WITHHELD} if most else set()
    if total.counts is not True:
        found |= {NONE}
    if not over:
        found |= _ladder(edition, total, rulings, {k: _joint([h for _, h in v]) for k, v in met.items()})
    return Outcome(tuple(one for one in order if one in found), told)


def _overruled(rulings: tuple[Ruling, ...]) -> set[str | None]:
    """Return what vetoes leave: an ending, or None for going on to the grades."""
    left: set[str | None] = {None}
    for name, word in (("stop", STOPPED), ("deny", DENIED)):
        held = [ruling.holds for ruling in rulings if ruling.veto.source.effect == name]
        if True in held:
            return (left - {None}) | {word}
        if None in held:
            left.add(word)
    return left


def _joint(held: list[bool | None]) -> bool | None:
    return False if False in held else None if None in held else True


def demand_met(
    edition: Edition, demand: Demand, findings: Mapping[str, Finding], total: Sum, world: World
) -> bool | None:
    """Return whether a requirement of a grade is met: yes, no or open."""
    item = demand.source
    if demand.when is not None:
        return settled(demand.when, world)
    if item.keys_missed_at_most is not None:
        least, most = keys_missed(edition, findings)
        return (
            True if most <= item.keys_missed_at_most else False if least > item.keys_missed_at_most else None
        )
    assert item.at_least is not None
    if item.section is not None:
        tally = next(one for one in total.sections if one.branch.id == item.section)
        if edition.standard.absence.spread == "total":
            found = share(tally.items)
            return True if found is None else _reaches(found[0], found[1], item.at_least, found[2] or None)
        return _reaches(tally.low, tally.high, item.at_least * tally.branch.points, tally.counts)
    finding = findings[str(item.indicator)]
    counts = {"absent": False, "doubtful": None}.get(finding.state, True)
    return _reaches(finding.low, finding.high, item.at_least * finding.leaf.points, counts)


def _reaches(low: int | Fraction, high: int | Fraction, line: Fraction, counts: bool | None) -> bool | None:
    """Whether points reach a line; what is absent cannot miss it."""
    if counts is False or low >= line:
        return True
    return False if high < line and counts is True else None


def _ladder(
    edition: Edition, total: Sum, rulings: tuple[Ruling, ...], met: dict[str, bool | None]
) -> set[str]:
    """Walk down the lines for every band the total may lie in and every cap and drop that may hold."""
    ranks = edition.ranks
    found = set[str]()
    for start in _starts(ranks, total):
        for cap in _caps(ranks, rulings):
            for reached in _walk(ranks, max(start, cap), met):
                for drop in _drops(rulings):
                    lowered = reached + drop
                    found.add(ranks[lowered].id if lowered < len(ranks) else NONE)
    return found


def _starts(ranks: tuple[Rank, ...], total: Sum) -> list[int]:
    """Return the highest grades whose line the total may be the first to reach."""
    result = list[int]()
    ceiling = total.high
    for index, rank in enumerate(ranks):
        least = rank.line + 1 if rank.above else rank.line
        if ceiling >= least and ceiling >= total.low:
            result.append(index)
        ceiling = min(ceiling, least - 1)
    return [*result, len(ranks)] if ceiling >= total.low else result


def _walk(ranks: tuple[Rank, ...], index: int, met: dict[str, bool | None]) -> set[int]:
    """Return the grades reached from a line downwards, given which requirements are met."""
    result = set[int]()
    while index < len(ranks):
        rank = ranks[index]
        if met[rank.id] is not False:
            result.add(index)
        if met[rank.id] is True:
            return result
        if rank.source.on_fail == "none":
            return result | {len(ranks)}
        index += 1
    return result | {len(ranks)}


def _caps(ranks: tuple[Rank, ...], rulings: tuple[Ruling, ...]) -> set[int]:
    """Return the places in the ladder that caps may allow at best."""
    place = {rank.id: index for index, rank in enumerate(ranks)}
    sure, maybe = 0, set[int]()
    for ruling in rulings:
        cap = getattr(ruling.veto.source.effect, "cap", None)
        if cap in place and ruling.holds is not False:
            if ruling.holds:
                sure = max(sure, place[cap])
            else:
                maybe.add(place[cap])
    return {sure} | {one for one in maybe if one > sure}


def _drops(rulings: tuple[Ruling, ...]) -> set[int]:
    """Return by how many grades the result may be lowered."""
    sums = {0}
    for ruling in rulings:
        drop = getattr(ruling.veto.source.effect, "drop", 0)
        if drop and ruling.holds is not False:
            lowered = {one + drop for one in sums}
            sums = lowered if ruling.holds else sums | lowered
    return sums
