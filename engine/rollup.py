"""From many subjects to one: mean, worst, weighted mean, the share that reaches a grade, and titles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.answers import Stated
from engine.build.edition import Edition
from engine.cases import settled
from engine.evaluate import worth
from engine.grades import DENIED, STOPPED, outcomes
from engine.judge import Scorecard, judge
from engine.models.standard import Title
from engine.models.submission import Submission, Unit
from engine.strict_yaml import Document

Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The four numbers of a whole, in points, and the titles: 是, 否 or not known yet.

    The shares are those of the subjects, and of their weights where each has one.
    """

    units: tuple[tuple[Unit, Scorecard], ...]
    mean: Range
    worst: Range
    weighted_mean: Range | None
    shares: tuple[tuple[str, Range], ...]
    weighted_shares: tuple[tuple[str, Range], ...]
    titles: tuple[tuple[Title, bool | None], ...]
    vetoed: tuple[str, ...]


def stated_by(submission: Submission, document: Document | None = None) -> Stated:
    """Return what the subject of a submission itself states."""
    return Stated(
        submission.answers,
        submission.judged,
        submission.not_applicable,
        submission.as_of,
        submission.region,
        document or Document("填报"),
    )


def unit_stated(submission: Submission, index: int, document: Document | None = None) -> Stated:
    """Return what one unit states; it inherits the answers of the whole."""
    unit = submission.units[index]
    return replace(
        stated_by(submission, document),
        answers={**submission.answers, **unit.answers},
        judged={**submission.judged, **unit.judged},
        not_applicable={**submission.not_applicable, **unit.not_applicable},
        prefix=("units", index),
    )


def roll_up(edition: Edition, submission: Submission, document: Document | None = None) -> RolledUp:
    """Judge every unit of a submission and put the results together. It must have at least one unit."""
    cards = [judge(edition, unit_stated(submission, i, document)) for i in range(len(submission.units))]
    return put_together(edition, submission.units, cards)


def put_together(edition: Edition, units: Sequence[Unit], judged: Sequence[Scorecard]) -> RolledUp:
    """Put the scorecards of the units of a whole together, of whichever layer; there must be at least one."""
    cards = [_with_shared(card, judged) for card in judged]
    pairs = tuple(zip(units, cards, strict=True))
    lows = [Fraction(card.low, edition.per_point) for card in cards]
    highs = [Fraction(card.high, edition.per_point) for card in cards]
    mean = (sum(lows, Fraction(0)) / len(cards), sum(highs, Fraction(0)) / len(cards))
    worst = (min(lows), min(highs))
    vetoed = tuple(unit.subject.id for unit, card in pairs if card.outcome.settled in (DENIED, STOPPED))
    plan = edition.standard.roll_up
    titles = plan.titles if plan else ()
    grades = dict.fromkeys(one.grade for title in titles for one in title.shares)
    shares = tuple((grade, share_reaching(edition, cards, grade)) for grade in grades)
    weights = weights_of(edition, cards)
    heavy = tuple((grade, share_reaching(edition, cards, grade, weights)) for grade in grades if weights)
    facts = (mean, worst, vetoed)
    return RolledUp(
        pairs,
        mean,
        worst,
        _weighted(edition, cards, lows, highs),
        shares,
        heavy,
        tuple((title, _title(edition, title, cards, facts)) for title in titles),
        vetoed,
    )


def _with_shared(card: Scorecard, cards: Sequence[Scorecard]) -> Scorecard:
    """Let a veto that reaches everybody hold for every unit, once it holds for one."""
    rulings = list(card.rulings)
    for index, ruling in enumerate(rulings):
        if ruling.veto.source.scope == "all":
            held = [other.rulings[index].holds for other in cards]
            rulings[index] = ruling._replace(holds=True if True in held else None if None in held else False)
    if rulings == list(card.rulings):
        return card
    outcome = outcomes(card.edition, card.findings, card.sum, tuple(rulings), card.world)
    return replace(card, rulings=tuple(rulings), outcome=outcome)


def share_reaching(
    edition: Edition, cards: Sequence[Scorecard], grade: str, weights: Sequence[Fraction] | None = None
) -> Range:
    """Return the least and greatest share of subjects (or of their weights) that reach a grade or better."""
    order = [rank.id for rank in edition.ranks]
    good = set(order[: order.index(grade) + 1])
    sizes = weights or [Fraction(1)] * len(cards)
    pairs = [(set(card.outcome.possible), size) for card, size in zip(cards, sizes, strict=True)]
    sure = sum((size for possible, size in pairs if possible <= good), Fraction(0))
    maybe = sum((size for possible, size in pairs if possible & good), Fraction(0))
    whole: Fraction = sum(sizes, Fraction(0))
    return sure / whole, maybe / whole


def _weighted(
    edition: Edition, cards: list[Scorecard], lows: list[Fraction], highs: list[Fraction]
) -> Range | None:
    """Return the mean weighted by a fact; None while a weight is missing or all are zero."""
    weights = weights_of(edition, cards)
    if weights is None:
        return None
    low, high = (
        sum(w * x for w, x in zip(weights, ends, strict=True)) / sum(weights) for ends in (lows, highs)
    )
    return Fraction(low), Fraction(high)


def weights_of(edition: Edition, cards: Sequence[Scorecard]) -> list[Fraction] | None:
    """Return the weight of every subject; None while one is missing or all are zero."""
    plan = edition.standard.roll_up
    quantity = edition.words.quantities.get(plan.weight) if plan and plan.weight else None
    if quantity is None:
        return None
    weights = [weight for card in cards if (weight := worth(quantity, card.world.known)) is not None]
    return weights if len(weights) == len(cards) and any(weights) else None


def _title(
    edition: Edition,
    title: Title,
    cards: list[Scorecard],
    facts: tuple[Range, Range, tuple[str, ...]],
) -> bool | None:
    mean, worst, vetoed = facts
    results = list[bool | None]()
    if vetoed:
        results.append(False)
    if title.each_at_least:
        low, high = share_reaching(edition, cards, title.each_at_least)
        results.append(_reached(low, high, Fraction(1)))
    for one in title.shares:
        weights = weights_of(edition, cards) if one.by_weight else None
        ends = share_reaching(edition, cards, one.grade, weights)
        known = weights is not None or not one.by_weight
        results.append(_reached(*ends, one.share) if known else None)
    for line, found in ((title.mean_at_least, mean), (title.worst_at_least, worst)):
        if line is not None:
            results.append(_reached(*found, line))
    if title.id in edition.title_conditions:
        results += [settled(edition.title_conditions[title.id], card.world) for card in cards]
    return False if False in results else None if None in results else True


def _reached(low: Fraction, high: Fraction, line: Fraction) -> bool | None:
    return True if low >= line else False if high < line else None
