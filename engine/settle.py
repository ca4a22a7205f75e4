"""What would settle it: the facts that still matter, and the shortest list that could fix the grade."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from engine.cases import TooMany, cases, decide
from engine.finding import Finding
from engine.grades import NAMES, NONE, outcomes
from engine.judge import Scorecard
from engine.rulings import ruling, with_results
from engine.total import Sum, sum_up
from engine.tree import Condition, Step
from engine.wording import missing_facts


@dataclass(frozen=True, slots=True)
class Way:
    """A list of facts that, answered to that effect, leaves only this grade."""

    outcome: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """An unanswered fact, the indicators that wait for it and the points that hang on them."""

    fact: str
    indicators: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Settling:
    """What is still open. `ways` are sorted by length: the first is the shortest."""

    settled: tuple[str, ...]
    matters: tuple[Matters, ...]
    vetoes: tuple[str, ...]
    ways: tuple[Way, ...]


def settling(card: Scorecard) -> Settling:
    """Return what is settled, what still matters, and the shortest lists that could fix each grade."""
    done = tuple(name for name, one in card.findings.items() if one.state in ("settled", "absent"))
    vetoes = _facts_of_vetoes(card)
    if card.outcome.settled is not None:
        return Settling(done, _matters(card), vetoes, ())
    open_ = [_ends(card, one) for one in _open(card)]
    found = [way for outcome in card.outcome.possible if (way := _way(card, outcome, open_, vetoes))]
    ways = tuple(sorted(found, key=lambda way: len(way.facts)))
    return Settling(done, _matters(card), vetoes, ways)


def _open(card: Scorecard) -> list[Finding]:
    return [one for one in card.findings.values() if one.state in ("open", "doubtful")]


def waits_for(card: Scorecard, finding: Finding) -> tuple[str, ...]:
    """Return the unanswered facts (and judgements) an indicator waits for."""
    return missing_facts(finding.leaf.vars, card.world.known, card.edition.words)


def _matters(card: Scorecard) -> tuple[Matters, ...]:
    waiting: dict[str, list[Finding]] = {}
    for finding in _open(card):
        for fact in waits_for(card, finding):
            waiting.setdefault(fact, []).append(finding)
    rows = [
        Matters(fact, tuple(one.leaf.id for one in found), sum(one.high - one.low for one in found))
        for fact, found in waiting.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.points, row.fact)))


def _facts_of_vetoes(card: Scorecard) -> tuple[str, ...]:
    """Return the facts of vetoes that are open: any of them could still overrule the sum."""
    open_ = (ruling.veto.vars for ruling in card.rulings if ruling.holds is None)
    return missing_facts(frozenset().union(*open_), card.world.known, card.edition.words)


class Ends(NamedTuple):
    """The fewest facts that fix an open indicator at its worst and at its best."""

    finding: Finding
    worst: tuple[str, ...]
    best: tuple[str, ...]

    @property
    def width(self) -> int:
        """The points that hang on it."""
        return self.finding.high - self.finding.low


def _ends(card: Scorecard, finding: Finding) -> Ends:
    """Find the cases that fix an indicator at either end with the fewest facts."""
    every = waits_for(card, finding)
    found = {finding.low: every, finding.high: every}
    applies = finding.leaf.applies
    gates = [after for after, held in decide(applies, card.world) if held] if applies else [card.world]
    try:
        for gate in gates:
            for after, low, high in cases(finding.leaf.node, gate):
                reads = frozenset(var for what, _ in after.said for var in _vars(what))
                facts = missing_facts(reads, card.world.known, card.edition.words)
                if low == high and low in found and len(facts) < len(found[low]):
                    found[low] = facts
    except TooMany:
        pass
    return Ends(finding, found[finding.low], found[finding.high])


def _vars(what: Condition | tuple[Step, int, int]) -> frozenset[str]:
    return what[0].vars if isinstance(what, tuple) else what.vars


def _way(card: Scorecard, outcome: str, open_: list[Ends], vetoes: tuple[str, ...]) -> Way | None:
    """Return a short list of facts after which only this grade is left.

    Every open veto must be cleared first. Then the indicators with the most points for each new fact are fixed
    until the total can no longer leave the band of the grade, and those not needed after all are dropped. The
    list is confirmed by adding everything up again; it is None when no list of facts can bring the grade about,
    as where a person has to say whether something is a breach.
    """
    if outcome in NAMES or any(one.word == "doubtful" for one in card.rulings):
        return None
    asked = dict.fromkeys((*vetoes, *_facts_of_demands(card, outcome)))
    band = _band(card, outcome)
    chosen, rest = list[Ends](), list(open_)
    facts = dict(asked)
    while not _fits(card, chosen, band) or (best := _confirmed(card, chosen, outcome, band)) is None:
        if not rest:
            return None
        one = max(rest, key=lambda ends: _gain(ends, facts))
        rest.remove(one)
        chosen.append(one)
        facts |= dict.fromkeys(one.best)
    fewer = chosen
    for one in sorted(chosen, key=lambda ends: ends.width):
        without = [other for other in fewer if other is not one]
        fewer = without if _fits(card, without, band) else fewer
    if len(fewer) < len(chosen) and (count := _confirmed(card, fewer, outcome, band)) is not None:
        chosen, best = fewer, count
    needed = dict(asked)
    for index, one in enumerate(_widest(chosen)):
        needed |= dict.fromkeys(one.best if index < best else one.worst)
    return Way(outcome, tuple(needed))


def _widest(chosen: list[Ends]) -> list[Ends]:
    return sorted(chosen, key=lambda one: -one.width)


def _gain(ends: Ends, facts: Mapping[str, None]) -> tuple[bool, Fraction]:
    """How many points an indicator fixes for each fact that is not on the list yet."""
    fresh = sum(fact not in facts for fact in ends.best)
    return not fresh, Fraction(ends.width, max(fresh, 1))


def _facts_of_demands(card: Scorecard, outcome: str) -> tuple[str, ...]:
    rank = next((one for one in card.edition.ranks if one.id == outcome), None)
    reads = [demand.when.vars for demand in rank.demands if demand.when] if rank else []
    return missing_facts(frozenset[str]().union(*reads), card.world.known, card.edition.words)


def _band(card: Scorecard, outcome: str) -> tuple[int, int]:
    """Return the least and greatest total that leads to a grade."""
    ranks = card.edition.ranks
    most = card.edition.cap if card.edition.cap is not None else card.edition.total + card.edition.extra_cap
    floors = [rank.line + (1 if rank.above else 0) for rank in ranks]
    place = next((index for index, rank in enumerate(ranks) if rank.id == outcome), len(ranks))
    caps = {getattr(one.veto.source.effect, "cap", None) for one in card.rulings if one.holds}
    low = floors[place] if outcome != NONE else 0
    return low, most if place == 0 or outcome in caps else floors[place - 1] - 1


def _fits(card: Scorecard, chosen: list[Ends], band: tuple[int, int]) -> bool:
    """Whether fixing these leaves little enough open, and can move the rest into the band."""
    low, high = band
    width = sum(one.width for one in chosen)
    return (
        card.high - card.low - width <= high - low and card.low + width >= low and card.high - width <= high
    )


def _confirmed(card: Scorecard, chosen: list[Ends], outcome: str, band: tuple[int, int]) -> int | None:
    """Return how many of these indicators to fix at their best, so that only this grade is left; else None."""
    low, _ = band
    order = [one.finding for one in _widest(chosen)]
    least, most = 0, len(order)
    while least < most:
        middle = (least + most) // 2
        if _fixed(card, order, middle)[0].low >= low:
            most = middle
        else:
            least = middle + 1
    ways = dict.fromkeys((least, len(order)))
    return next((best for best in ways if _settles(card, order, best, outcome, band)), None)


def _settles(card: Scorecard, order: list[Finding], best: int, outcome: str, band: tuple[int, int]) -> bool:
    """Whether this grade is left when so many are fixed at their best and the others of the list at their worst."""
    low, high = band
    total, findings = _fixed(card, order, best)
    read = (ruling(one.veto, card.world) if one.veto.source.when_result else one for one in card.rulings)
    cleared = tuple(one._replace(holds=one.holds or False) for one in read)
    rulings = with_results(card.edition, findings, total, cleared)
    settled = outcomes(card.edition, findings, total, rulings, card.world).settled
    waived = bool(_facts_of_demands(card, outcome)) and total.low >= low and total.high <= high
    return settled == outcome or waived


def _fixed(card: Scorecard, order: list[Finding], best: int) -> tuple[Sum, dict[str, Finding]]:
    """Add up with the first `best` findings at their best and the others of the list at their worst."""
    findings = dict(card.findings)
    for index, one in enumerate(order):
        points = one.high if index < best else one.low
        findings[one.leaf.id] = Finding(one.leaf, points, points, "settled")
    return sum_up(card.edition, findings, card.world), findings
