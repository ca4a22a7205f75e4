"""Add a scorecard up again, from its document alone, independently of the program that wrote it.

Nothing of the scorer is imported, here or where the grade is walked to: two programs that agree are worth more.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from engine.verify_grade import verify_grade

Ends = tuple[Fraction, Fraction]
ZERO = Fraction(0)


class Part(NamedTuple):
    """What a part hands up: its ends, its full points, and whether it counts (None: not known yet)."""

    ends: Ends
    full: Fraction
    counts: bool | None


def verify(card: dict[str, Any]) -> list[str]:
    """Return what does not add up, in Chinese; an empty list when everything does."""
    return Adder(card).all()


def both(found: Iterable[Ends]) -> Ends:
    """Add intervals up."""
    rows = [(ZERO, ZERO), *found]
    return sum((low for low, _ in rows), ZERO), sum((high for _, high in rows), ZERO)


def rounded(found: Ends, step: Fraction) -> Ends:
    """Round both ends half up to a multiple of a step."""
    return step * ((2 * found[0] / step + 1) // 2), step * ((2 * found[1] / step + 1) // 2)


def ends(stated: dict[str, str]) -> Ends:
    """Read an interval."""
    return Fraction(stated["low"]), Fraction(stated["high"])


def said(found: Ends) -> str:
    """Print an interval as a sentence ends with it."""
    return f" {'–'.join(dict.fromkeys(str(Decimal(one.numerator) / one.denominator) for one in found))} 分"


def capped(found: Ends, cap: str | None) -> Ends:
    """Cap both ends."""
    return found if cap is None else (min(found[0], Fraction(cap)), min(found[1], Fraction(cap)))


class Adder:
    """Adds one document up and notes what is wrong."""

    def __init__(self, card: dict[str, Any]) -> None:
        self.card, self.standard, self.wrong = card, card["standard"], list[str]()
        self.unit = Fraction(self.standard["unit"])
        self.steps = {key: Fraction(step) for key, step in self.standard["rounding"].items()}
        self.depth = {"total": -1, "section": 0, "group": 1}[self.standard["spread"]]

    def same(self, what: str, found: Ends, stated: dict[str, str]) -> None:
        """Note a difference between what was found and what is stated."""
        if found != ends(stated):
            self.wrong.append(f"{what}：重算是{said(found)}，记的是{said(ends(stated))}")

    def all(self) -> list[str]:
        """Check the sum and the grade."""
        card, weighing = self.card, self.card["weighing"]
        parts = [part for section in card["sections"] for part in self.branch(section, 0)]
        whole = self.spread("总分", parts, Fraction(self.standard["total"]))
        whole = whole._replace(ends=(ZERO, whole.ends[1])) if whole.counts is None else whole
        self.same("各分区合计", whole.ends, card["base"])
        low, high = capped(both([whole.ends, self.bonus()]), self.standard["total_cap"])
        least, most = both(self.why(one["title"], one["why"], one) for one in card["incidents"])
        found = rounded((max(ZERO, low - most), max(ZERO, high - least)), self.steps.get("total", self.unit))
        if weighing:
            self.same("评审组总分", found, weighing.get("panel", {"low": found[0], "high": found[1]}))
            shares = [(Fraction(one["weight"]), *ends(one)) for one in weighing.values()]
            found = rounded(both((share * low, share * high) for share, low, high in shares), self.unit)
        self.same("总分", found, card["total"])
        return self.wrong + verify_grade(card, found, whole.counts)

    def branch(self, branch: dict[str, Any], depth: int) -> list[Part]:
        """Add up a section or group; return what it hands up."""
        parts = [part for group in branch["groups"] for part in self.branch(group, depth + 1)]
        parts += [self.leaf(leaf) for leaf in branch["indicators"]]
        if branch["void"] is not False:
            parts = [Part((ZERO, p.ends[1] * (branch["void"] is None)), p.full, p.counts) for p in parts]
        whole = self.spread(branch["title"], parts, Fraction(branch["points"]))
        counted = [(part, part.counts is True) for part in parts if part.counts is not False]
        inner = both((part.ends[0] * sure, part.ends[1]) for part, sure in counted)
        found = inner if depth > self.depth else whole.ends
        found = found if depth else rounded(found, self.steps.get("section", self.unit))
        self.same(branch["title"], found, branch)
        applicable = both((part.full * sure, part.full) for part, sure in counted)
        self.same(f"{branch['title']}的应计分值", applicable, branch["applicable"])
        return parts if depth > self.depth else [Part(found, whole.full, whole.counts)]

    def spread(self, title: str, parts: list[Part], full: Fraction) -> Part:
        """Spread what does not count over what does; each end takes in what only moves it outward."""
        if sum(part.full for part in parts) != full:
            self.wrong.append(f"{title}：各项满分加起来不是 {full}")
        sure, open_ = ([part for part in parts if part.counts is kind] for kind in (True, None))
        found = [ZERO, ZERO]
        for end, way in ((0, -1), (1, 1)) if sure or open_ else ():
            earned, size = both((part.ends[end], part.full) for part in sure)
            for part in sorted(open_, key=lambda one: -way * one.ends[end] / one.full):
                if not size or way * (part.ends[end] * size - earned * part.full) > 0:
                    earned, size = earned + part.ends[end], size + part.full
            found[end] = full * earned / size
        return Part(rounded((found[0], found[1]), self.unit), full, bool(sure) or (None if open_ else False))

    def leaf(self, leaf: dict[str, Any]) -> Part:
        """Check one indicator and its explanation."""
        found, full = self.why(leaf["title"], leaf["why"], leaf), Fraction(leaf["points"])
        if not 0 <= found[0] <= found[1] <= full:
            self.wrong.append(f"{leaf['title']}：得分不在 0 到 {full} 之间")
        return Part(found, full, {"absent": False, "doubtful": None}.get(leaf["state"], True))

    def why(self, title: str, why: dict[str, Any], *stated: dict[str, str]) -> Ends:
        """Add up an explanation; a sentence without parts must end with its points."""
        parts = [self.why(title, part) for part in why.get("parts", ())] or [ends(why)]
        found, bound = capped(both(parts), why.get("bound")), Fraction(why.get("bound") or 0)
        if why["op"] == "take":
            found = max(ZERO, bound - both(parts)[1]), max(ZERO, bound - both(parts)[0])
        elif why["op"] in ("best", "worst"):
            choose = max if why["op"] == "best" else min
            found = choose(low for low, _ in parts), choose(high for _, high in parts)
        if "parts" not in why and not why["text"].endswith(said(ends(why))):
            self.wrong.append(f"{title}：“{why['text']}”，记的却是{said(ends(why))}")
        for one in (why, *stated):
            self.same(title, found, one)
        return ends((why, *stated)[-1])

    def bonus(self) -> Ends:
        """Add up the bonus groups."""
        groups, bonus = [], self.card["bonus"] or {"groups": (), "up_to": None, "low": "0", "high": "0"}
        for group in bonus["groups"]:
            parts = [part for part in map(self.leaf, group["indicators"]) if part.counts is not False]
            rows = [(p.ends[0] * (p.counts is True), p.ends[1]) for p in parts] or [(ZERO, ZERO)]
            best = max(low for low, _ in rows), max(high for _, high in rows)
            groups.append(capped(best if group["combine"] == "highest" else both(rows), group["up_to"]))
            self.same(group["title"], groups[-1], group)
        found = capped(both(groups), bonus["up_to"])
        self.same("附加分", found, bonus)
        return found
