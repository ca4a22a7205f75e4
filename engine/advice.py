"""What to do next: for each place where points were lost, the nearest step that earns some of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from engine.build.edition import Edition
from engine.cases import World
from engine.evaluate import Unknown, number, truth, worth
from engine.exact import show, show_points
from engine.finding import Finding
from engine.intervals import extent, interval
from engine.models.scoring import Each, Judge
from engine.models.scoring import Linear as Slope
from engine.tree import (
    Add,
    All,
    AnyOf,
    Chain,
    Compare,
    Condition,
    Const,
    Held,
    Linear,
    Pick,
    Points,
    Step,
    Take,
)
from engine.wording import rising, say_held, say_item, say_number, say_rule, say_unit, say_written, wants


@dataclass(frozen=True, slots=True)
class Hint:
    """One step; a backward one would only undo what is a plain fact, such as an age or a past penalty."""

    text: str
    backward: bool = False
    item: str = ""
    """What is to be done, where that is a plain item worth `points`; several of them are told in one step."""
    points: str = ""


class Adviser:
    """Advises, for one edition and one set of answers."""

    def __init__(self, edition: Edition, world: World) -> None:
        self.edition = edition
        self.world = world
        self.known = world.known
        self.words = edition.words

    def score(self, low: int, high: int | None = None) -> str:
        """Print points."""
        ends = [show_points(one, self.edition.per_point) for one in (low, low if high is None else high)]
        return "–".join(dict.fromkeys(ends))

    def steps(self, finding: Finding) -> tuple[str, ...]:
        """Return the next steps for a finding; where none leads forward, the remedy its drafter wrote."""
        leaf = finding.leaf
        if finding.mode or finding.state in ("absent", "doubtful") or finding.low == leaf.points:
            return ()
        hints = _merged(self.node(leaf.node))
        forward = [hint.text for hint in hints if not hint.backward]
        backward = [hint.text for hint in hints if hint.backward]
        remedy = [leaf.source.fix.rstrip("。")] if leaf.source.fix and finding.state == "settled" else []
        return tuple(dict.fromkeys([*forward, *(remedy or backward if backward or not forward else [])]))

    def node(self, node: Points) -> Iterator[Hint]:
        """Yield the steps that would earn more points at a node."""
        low, high = interval(node, self.world)
        if low < high and not isinstance(node, Add | Take):
            return
        match node:
            case Chain():
                yield from self._chain(node, low)
            case Step():
                yield from self._step(node, low)
            case Held():
                yield from self._held(node, low)
            case Add():
                for part in node.parts if low != node.cap else ():
                    yield from self.node(part)
            case Take():
                yield from self._take(node)
            case _:
                assert isinstance(node, Pick)
                yield from self._pick(node, low)

    def _pick(self, node: Pick, now: int) -> Iterator[Hint]:
        """Look at the parts that could beat the best result, or that hold the worst one down."""
        for part in node.parts:
            beats = extent(part)[1] > now if node.best else interval(part, self.world)[0] == now
            if beats:
                yield from self.node(part)

    def _chain(self, node: Chain, now: int) -> Iterator[Hint]:
        """Find the nearest line that gives more, rather one that needs no plain fact undone."""
        for rung in node.rungs:
            if rung.when is None or truth(rung.when, self.known):
                if not isinstance(rung.then, Const):
                    yield from self.node(rung.then)
                    return
                break
        better = [
            (extent(one.then), one.when) for one in node.rungs if one.when and extent(one.then)[1] > now
        ]
        if better:
            (low, high), when = min(better, key=lambda one: (self._backward(one[1]), one[0][0]))
            points = (
                f"{self.score(low)} 分{'起' if low < high else ''}"
                if low > now
                else f"最多 {self.score(high)} 分"
            )
            item = self._needs(when)
            plain = low == high and item == f"做到{say_item(when)}"
            yield Hint(
                f"{item}，得 {points}",
                self._backward(when),
                item.removeprefix("做到") if plain else "",
                points,
            )

    def _unmet(self, condition: Condition) -> list[Condition]:
        """Return what must still change for a condition to hold: all of these."""
        if isinstance(condition, All):
            return [one for part in condition.parts for one in self._unmet(part)]
        return [] if truth(condition, self.known) else [condition]

    def _backward(self, condition: Condition) -> bool:
        """Whether a condition asks to undo a plain fact: 否 instead of 是, fewer of something that was counted."""
        return any(self._undoes(one) for one in self._unmet(condition))

    def _undoes(self, condition: Condition) -> bool:
        if isinstance(condition, AnyOf):
            return all(self._backward(part) for part in condition.parts)
        if not isinstance(condition, Compare):
            return False
        if condition.about.kind == "truth":
            return not wants(condition)
        return condition.word in ("at_most", "less_than", "equals", "differs") or condition.about.kind in (
            "date",
            "datetime",
        )

    def _needs(self, condition: Condition) -> str:
        """Print what must still change for a condition to hold."""
        return "；".join(self._one(one) for one in self._unmet(condition))

    def _one(self, condition: Condition) -> str:
        if isinstance(condition, AnyOf):
            ways = [part for part in condition.parts if not self._backward(part)] or list(condition.parts)
            return "，或".join(self._needs(part) for part in ways)
        item = say_item(condition)
        if item.startswith("“"):
            return f"做到{item}"
        gap = self._gap(condition) if isinstance(condition, Compare) else ""
        return say_rule(condition, self.known) + gap

    def _gap(self, condition: Compare) -> str:
        """Say how much of which fact is missing, where more of one fact can close the gap."""
        about = condition.about
        if len(about.top.terms) != 1 or condition.sign not in (">=", ">") or worth(about, self.known) is None:
            return ""
        var = about.top.terms[0][0]
        factor = dict(condition.form.terms).get(var, 0)
        quantity = self.words.quantities.get(var)
        if factor <= 0 or quantity is None or about.kind in ("truth", "date", "datetime"):
            return ""
        try:
            value = number(condition.form, self.known)
        except Unknown:
            return ""
        steps = int(-value / factor) + 1 if condition.sign == ">" else -int(value // factor)
        reached = number(Linear(((var, 1),), steps), self.known)
        if reached > self.world.domains[var].high:
            return ""
        own = "" if quantity.title == about.title else quantity.title
        return f"（{own}再增加 {say_number(Fraction(steps, quantity.bottom.const), quantity)}）"

    def _held(self, node: Held, now: int) -> Iterator[Hint]:
        """Find the next count on the ladder that is worth more, and name the items that are missing."""
        held = [truth(one, self.known) for one in node.conditions]
        lacking = [one for one, result in zip(node.conditions, held, strict=True) if result is False]
        rungs = [(count, points) for count, points in node.ladder if points > now]
        if rungs and lacking:
            count, points = rungs[-1]
            items = "、".join(say_item(one) for one in lacking)
            yield Hint(f"再做到 {count - held.count(True)} 项，得 {self.score(points)} 分：{items}")

    def _step(self, node: Step, now: int) -> Iterator[Hint]:
        top = node.base + node.gain * node.most
        if now >= top or isinstance(node.source, Judge):
            return
        title, word = node.about.title, "多" if rising(node) else "少"
        if isinstance(node.source, Each):
            most = f"，最多 {show(node.source.up_to)} 分" if node.source.up_to else ""
            yield Hint(
                f"{title}每再{word}{say_unit(node, one=True)}，加 {self.score(node.gain)} 分{most}",
                word == "少",
            )
        else:
            assert isinstance(node.source, Slope)
            value, points = _best(node.source)
            corner = say_written(value, node.about, self.words, self.known)
            yield Hint(f"{title}{'达到' if rising(node) else '降到'} {corner}，得 {show(points)} 分")

    def _take(self, node: Take) -> Iterator[Hint]:
        """Say what to repair so that less is taken away."""
        taken = [interval(part, self.world) for part in node.parts]
        over = sum(low for low, _ in taken) - node.full
        least = f"（扣分不到 {self.score(node.full)} 分才有得分）" if over > 0 else ""
        for part, (low, high) in zip(node.parts, taken, strict=True):
            if low == high > 0 and isinstance(part, Step) and isinstance(part.source, Each):
                word = "少" if rising(part) else "多"
                less = f"{part.about.title}每{word}{say_unit(part, one=True)}，少扣 {self.score(part.gain)} 分{least}"
                yield Hint(less)
            elif low == high > 0:
                yield Hint(f"改正：{self._fault(part)}，少扣 {self.score(low)} 分{least}")

    def _fault(self, part: Points) -> str:
        """Say which condition takes points away."""
        rungs = part.rungs if isinstance(part, Chain) else ()
        held = [rung.when for rung in rungs if rung.when and truth(rung.when, self.known)]
        return say_held(held[0], self.known, self.words) if held else "这一处"


def _merged(hints: Iterable[Hint]) -> list[Hint]:
    """Tell plain items of the same worth in one step."""
    found = dict[str, Hint]()
    for hint in hints:
        key = f"各得 {hint.points}" if hint.item else hint.text
        same = found.get(key)
        if same and hint.item:
            item = f"{same.item}、{hint.item}"
            found[key] = Hint(f"做到{item}，{key}", hint.backward, item, hint.points)
        else:
            found[key] = hint
    return list(found.values())


def _best(slope: Slope) -> tuple[bool | str, Fraction]:
    """Return the corner of a slope that gives the most points."""
    corners = slope.through or tuple(one for one in (slope.from_, slope.to) if one)
    return max(corners, key=lambda one: one[1])
