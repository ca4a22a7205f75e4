"""Walk to the grade again, from a scorecard's document alone: lines, vetoes, requirements, absences.

Like `engine.verify` it imports nothing of the scorer.
"""

from fractions import Fraction
from typing import Any


def verify_grade(card: dict[str, Any], total: tuple[Fraction, Fraction], counts: bool | None) -> list[str]:
    """Return a sentence when the grade that is stated does not follow from the rest of the document.

    `total` is what adding up gave, `counts` whether anything counted at all. The grade is settled exactly when
    it is the same with all that is open turning out badly and turning out well.
    """
    worst, best = (_grade(card, total[well], counts, well=bool(well)) for well in (0, 1))
    stated, possible = card["grade"]["settled"], [one["id"] for one in card["grade"]["possible"]]
    if stated == (best if worst == best else None) and {worst, best} <= set(possible):
        return []
    return [
        f"等级：记的是 {stated or '、'.join(possible)}，重算是{worst if worst == best else f'{worst}到{best}'}"
    ]


def _grade(card: dict[str, Any], points: Fraction, counts: bool | None, *, well: bool) -> str:
    """Walk down from the line that is reached; what is open turns out well or badly."""
    grades = card["standard"]["grades"]
    order = [one["id"] for one in grades]
    held = [one["effect"] for one in card["vetoes"] if one["holds"] in ([True] if well else [True, None])]
    missed = [
        one["grade"] for one in card["requirements"] if one["met"] in ([False] if well else [False, None])
    ]
    if "stop" in held or "deny" in held:
        return "stopped" if "stop" in held else "denied"
    limit, absent = card["standard"]["absence_limit"], Fraction(card["absent"]["low" if well else "high"])
    if limit is not None and absent > Fraction(limit) * Fraction(card["standard"]["total"]):
        return "withheld"
    place = sum((points, False) < (Fraction(one["line"]), one["above"]) for one in grades)
    place = max(
        [
            place if counts or well else len(order),
            *(order.index(one["cap"]) for one in held if "cap" in one and one["cap"] in order),
        ]
    )
    while place < len(order) and order[place] in missed:
        place = len(order) if grades[place]["on_fail"] == "none" else place + 1
    place += sum(one["drop"] for one in held if "drop" in one)
    return order[place] if place < len(order) else "none"
