"""What would change if some answers were different: two scorecards of the same subject compared. Nothing here is kept."""

from typing import Any, Literal

from engine.document import Writer
from engine.exact import show_points
from engine.explain import explain
from engine.explain_veto import explain_veto
from engine.finding import Finding
from engine.grades import outcome_title
from engine.judge import Scorecard
from engine.rulings import said_of

FORMAT = "zhunsheng.trial/1"

Turn = Literal["more", "less", "clearer", "wider"]
"""Both ends no lower, both no higher, a narrower interval, a wider one."""


def trial_document(before: Scorecard, after: Scorecard) -> dict[str, Any]:
    """Return what differs between what is stated and what is tried: total, grade, indicators, vetoes."""
    return {
        "format": FORMAT,
        "points": show_points(after.edition.total, after.edition.per_point),
        "before": _whole(before),
        "after": _whole(after),
        "turn": turn((before.low, before.high), (after.low, after.high)),
        "indicators": [
            _indicator(finding, after.findings[name], after)
            for name, finding in before.findings.items()
            if _moved(finding, after.findings[name])
        ],
        "vetoes": [
            {
                "id": now.veto.id,
                "title": now.veto.title,
                "before": said_of(was),
                "after": said_of(now),
                "sentence": explain_veto(after, now).sentence,
            }
            for was, now in zip(before.rulings, after.rulings, strict=True)
            if said_of(was) != said_of(now)
        ],
        "problems": [one.message for one in after.problems if one not in before.problems],
    }


def turn(before: tuple[int, int], after: tuple[int, int]) -> Turn | None:
    """Say which way an interval moved; None when it did not."""
    low, high = after[0] - before[0], after[1] - before[1]
    if low == high == 0:
        return None
    if low >= 0 and high >= 0:
        return "more"
    if low <= 0 and high <= 0:
        return "less"
    return "clearer" if low > 0 else "wider"


def _whole(card: Scorecard) -> dict[str, Any]:
    possible = [outcome_title(card.edition, one) for one in card.outcome.possible]
    return {**Writer(card).ends(card.low, card.high), "grade": card.outcome.settled, "possible": possible}


def _moved(was: Finding, now: Finding) -> bool:
    return (was.low, was.high, was.state) != (now.low, now.high, now.state)


def _indicator(was: Finding, now: Finding, after: Scorecard) -> dict[str, Any]:
    told, ends = explain(after, now.leaf.id), Writer(after).ends
    return {
        "id": now.leaf.id,
        "title": now.leaf.title,
        "points": show_points(now.leaf.points, after.edition.per_point),
        "before": {**ends(was.low, was.high), "state": was.state},
        "after": {**ends(now.low, now.high), "state": now.state},
        "turn": turn((was.low, was.high), (now.low, now.high)),
        "sentence": told.sentence,
        "next": list(told.next),
    }
