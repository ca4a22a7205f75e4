"""Add a scorecard up again, from its document alone, independently of the program that wrote it.

Nothing of the scorer is imported: two programs that agree are worth more than one that repeats itself.
"""

from fractions import Fraction
from typing import Any

DEPTH = {"total": -1, "section": 0, "group": 1}
Ends = tuple[Fraction, Fraction]
Part = tuple[Fraction, Fraction, Fraction, bool | None]


def verify(card: dict[str, Any]) -> list[str]:
    """Return what does not add up, in Chinese; an empty list when everything does."""
    return Adder(card).all()


def verify_published(result: dict[str, Any]) -> list[str]:
    """Check a published result: whether its parts add up to the stated total."""
    parts = [Fraction(str(part["points"])) for part in result["parts"]]
    stated, found = Fraction(str(result["total"])), sum(parts, Fraction(0))
    if stated == found:
        return []
    return [
        f"{result['title']}:各部分相加是 {shown(found)},公布的合计是 {shown(stated)},差 {shown(abs(found - stated))}"
    ]


def shown(number: Fraction) -> str:
    """Print an exact decimal."""
    sign, scaled = "-" if number < 0 else "", abs(number) * 10**6
    whole, rest = divmod(scaled.numerator // scaled.denominator, 10**6)
    return f"{sign}{whole}" + (f".{rest:06d}".rstrip("0") if rest else "")


def half_up(number: Fraction, step: Fraction) -> Fraction:
    """Round half up to a multiple of a step."""
    scaled = number / step
    return step * ((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator))


class Adder:
    """Adds one document up."""

    def __init__(self, card: dict[str, Any]) -> None:
        self.card = card
        self.standard = card["standard"]
        self.unit = Fraction(self.standard["unit"])
        self.depth = DEPTH[self.standard["spread"]]
        self.wrong: list[str] = []

    def all(self) -> list[str]:
        """Check indicators, groups, sections, extras and the total."""
        items = [part for section in self.card["sections"] for part in self.branch(section, 0)]
        base = self.spread(items, Fraction(self.standard["total"]))[:2]
        self.same("各分区合计", base, self.card["base"])
        extra = self.extras()
        lost = [ends(one) for one in self.card["incidents"]]
        cap = self.standard["total_cap"]
        step = Fraction(self.standard["rounding"].get("total", self.standard["unit"]))
        total = []
        for index in (0, 1):
            points = base[index] + extra[index]
            points = min(points, Fraction(cap)) if cap is not None else points
            points -= sum(one[1 - index] for one in lost)
            total.append(half_up(max(points, Fraction(0)), step))
        self.same("总分", (total[0], total[1]), self.card["total"])
        self.grade(total[0] if total[0] == total[1] else None)
        return self.wrong

    def same(self, what: str, found: Ends, stated: dict[str, str]) -> None:
        """Note a difference between what was found and what is stated."""
        if found != ends(stated):
            self.wrong.append(f"{what}:重算是 {text(found)},记的是 {text(ends(stated))}")

    def branch(self, branch: dict[str, Any], depth: int) -> list[Part]:
        """Add up a section or group; return what it hands up."""
        items = [part for group in branch["groups"] for part in self.branch(group, depth + 1)]
        items += [self.leaf(leaf) for leaf in branch["indicators"]]
        if branch["void"] is not False:
            keep = branch["void"] is None
            items = [
                (Fraction(0), high if keep else Fraction(0), full, counts) for _, high, full, counts in items
            ]
        if depth > self.depth:
            low = sum((item[0] for item in items if item[3] is True), Fraction(0))
            high = sum((item[1] for item in items if item[3] is not False), Fraction(0))
            self.same(branch["title"], (low, high), branch)
            return items
        whole = self.spread(items, Fraction(branch["points"]))
        step = (
            Fraction(self.standard["rounding"].get("section", self.standard["unit"]))
            if depth == 0
            else self.unit
        )
        whole = (half_up(whole[0], step), half_up(whole[1], step), *whole[2:])
        self.same(branch["title"], whole[:2], branch)
        return [whole]

    def spread(self, items: list[Part], full: Fraction) -> Part:
        """Spread what does not count over what does."""
        sure = [item for item in items if item[3] is True]
        open_ = [item for item in items if item[3] is None]
        if not sure and not open_:
            return Fraction(0), Fraction(0), full, False
        if len(sure) == len(items):
            return (
                sum((i[0] for i in items), Fraction(0)),
                sum((i[1] for i in items), Fraction(0)),
                full,
                True,
            )
        result = []
        for end, way in ((0, -1), (1, 1)):
            earned = sum((item[end] for item in sure), Fraction(0))
            size = sum((item[2] for item in sure), Fraction(0))
            for item in sorted(open_, key=lambda one: way * one[end] / one[2], reverse=True):
                if not size or way * (item[end] * size - earned * item[2]) > 0:
                    earned, size = earned + item[end], size + item[2]
            result.append(half_up(full * earned / size, self.unit))
        return result[0], result[1], full, True if sure else None

    def leaf(self, leaf: dict[str, Any]) -> Part:
        """Check one indicator and its explanation."""
        low, high, full = *ends(leaf), Fraction(leaf["points"])
        if not 0 <= low <= high <= full:
            self.wrong.append(f"{leaf['title']}:{text((low, high))} 不在 0 到 {leaf['points']} 之间")
        least, most = self.why(leaf["why"])
        if leaf["state"] in ("settled", "open") and leaf["mode"] == "" and not least <= low <= high <= most:
            self.wrong.append(f"{leaf['title']}:说明加起来不等于得分 {text((low, high))}")
        counts = {"absent": False, "doubtful": None}.get(leaf["state"], True)
        return low, high, full, counts

    def why(self, why: dict[str, Any]) -> Ends:
        """Add up an explanation."""
        if "parts" not in why:
            return ends(why)
        parts = [self.why(part) for part in why["parts"]]
        bound = Fraction(why["bound"]) if "bound" in why else None
        lows, highs = [part[0] for part in parts], [part[1] for part in parts]
        if why["op"] == "take":
            assert bound is not None
            return max(Fraction(0), bound - sum(highs)), max(Fraction(0), bound - sum(lows))
        if why["op"] == "add":
            low, high = sum(lows, Fraction(0)), sum(highs, Fraction(0))
            return (low, high) if bound is None else (min(low, bound), min(high, bound))
        choose = max if why["op"] == "best" else min
        return choose(lows), choose(highs)

    def extras(self) -> Ends:
        """Add up the bonus groups."""
        bonus = self.card["bonus"]
        if bonus is None:
            return Fraction(0), Fraction(0)
        low = high = Fraction(0)
        for group in bonus["groups"]:
            parts = [self.leaf(leaf) for leaf in group["indicators"]]
            lows = [part[0] for part in parts if part[3]] or [Fraction(0)]
            highs = [part[1] for part in parts if part[3] is not False] or [Fraction(0)]
            found = (max(lows), max(highs)) if group["combine"] == "highest" else (sum(lows), sum(highs))
            cap = Fraction(group["up_to"]) if group["up_to"] is not None else found[1]
            self.same(group["title"], (min(found[0], cap), min(found[1], cap)), group)
            low, high = low + min(found[0], cap), high + min(found[1], cap)
        cap = Fraction(bonus["up_to"])
        self.same("附加分", (min(low, cap), min(high, cap)), bonus)
        return min(low, cap), min(high, cap)

    def grade(self, total: Fraction | None) -> None:
        """Check a settled grade against the lines: nobody is above the line the total reaches."""
        grades = self.standard["grades"]
        order = [grade["id"] for grade in grades]
        if total is None or self.card["grade"]["settled"] not in order:
            return
        for index, grade in enumerate(grades):
            line = Fraction(grade["line"])
            if total > line or (total == line and not grade["above"]):
                if order.index(self.card["grade"]["settled"]) < index:
                    self.wrong.append(
                        f"等级:总分 {text((total, total))} 够不上 {self.card['grade']['settled']}"
                    )
                return


def ends(stated: dict[str, str]) -> Ends:
    """Read an interval."""
    return Fraction(stated["low"]), Fraction(stated["high"])


def text(found: Ends) -> str:
    """Print an interval."""
    low, high = (shown(one) for one in found)
    return low if low == high else f"{low}–{high}"
