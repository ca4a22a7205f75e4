"""Checks of one rule by its cases: dead lines, gaps, overlaps, bands that do not rise or fall evenly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne

from engine.cases import World, decide
from engine.exact import show
from engine.problem import Path
from engine.tree import All, Chain, Compare, Condition, Const, Linear, Quantity
from engine.wording import say_number


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of one number between two thresholds, or a threshold itself; which lines hold there."""

    text: str
    held: tuple[bool, ...]
    points: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a chain, where, and what it is called."""

    code: str
    path: Path
    what: str
    next: str


def dead_lines(chain: Chain, world: World) -> Iterator[Flaw]:
    """Report lines that no answer reaches, and conditions that hold whatever is answered."""
    worlds = [world]
    for index, rung in enumerate(chain.rungs):
        if rung.when is None:
            if not worlds:
                yield Flaw(
                    "dead_line",
                    rung.path,
                    "这一行永远用不到：前面的行已经包括了所有情形",
                    "请删去，或改前面的条件",
                )
            return
        results = [(after, held) for one in worlds for after, held in decide(rung.when, one)]
        if not any(held for _, held in results):
            why = "前面的行已经包括了它" if index and _can_hold(rung.when, world) else "没有答案能满足它"
            yield Flaw("dead_line", rung.path, f"这一行永远不成立：{why}", "请改条件或行的先后，或删去")
        worlds = [after for after, held in results if not held][:200]


def _can_hold(condition: Condition, world: World) -> bool:
    return any(held for _, held in decide(condition, world))


def band_flaws(chain: Chain, world: World, show_points: Fraction) -> Iterator[Flaw]:
    """Report gaps, overlaps and uneven bands of a chain that asks one number only."""
    about = _only_number(chain)
    if about is None:
        return
    cells = list(_cells(chain, about, world))
    gaps = list(_gaps(chain, about, cells))
    yield from gaps
    yield from _overlaps(chain, about, cells, show_points)
    steps = [after.points - before.points for before, after in pairwise(cells)]
    if not gaps and any(step > 0 for step in steps) and any(step < 0 for step in steps):
        what = f"{about.title}越大，分数先升后降或先降后升"
        yield Flaw("non_monotone", chain.path, what, "请核对分段；有意如此请写 accept: [non_monotone]")


def _only_number(chain: Chain) -> Quantity | None:
    """Return the one number that all lines compare with written values."""
    found: Quantity | None = None
    for rung in chain.rungs:
        if not isinstance(rung.then, Const):
            return None
        for one in _compares(rung.when):
            if one is None or one.limit.literal is None or one.about.kind == "truth":
                return None
            if found is not None and found.id != one.about.id:
                return None
            found = one.about
    return found


def _compares(condition: Condition | None) -> list[Compare | None]:
    match condition:
        case None:
            return []
        case Compare():
            return [condition]
        case All():
            return [one for part in condition.parts for one in _compares(part)]
    return [None]


def _cells(chain: Chain, about: Quantity, world: World) -> Iterator[Cell]:
    """Cut the number at every threshold and see which lines hold in each piece that answers can reach."""
    limits = {
        one.limit.literal
        for rung in chain.rungs
        for one in _compares(rung.when)
        if one is not None and one.limit.literal is not None
    }
    cuts: list[Fraction | None] = [None, *sorted(limits), None]
    for index in range(1, len(cuts)):
        low, high = cuts[index - 1], cuts[index]
        yield from _cell(chain, about, world, low, high, inside=True)
        if high is not None:
            yield from _cell(chain, about, world, high, high, inside=False)


def _cell(
    chain: Chain, about: Quantity, world: World, low: Fraction | None, high: Fraction | None, *, inside: bool
) -> Iterator[Cell]:
    rows = []
    if about.divides:
        rows.append((about.bottom, True))
    if low is not None:
        rows.append((_over(about, low), inside))
    if high is not None:
        rows.append((-_over(about, high), inside))
    there = world.with_row(*rows) if rows else world
    if there is None:
        return
    one = _between(low, high)
    held = tuple(all(_met(compare, one) for compare in _compares(rung.when)) for rung in chain.rungs)
    line = next((index for index, holds in enumerate(held) if holds), None)
    then = chain.rungs[line].then if line is not None else None
    points = then.points if isinstance(then, Const) else 0
    yield Cell(_range(about, low, high, inside=inside), held, points, line)


def _between(low: Fraction | None, high: Fraction | None) -> Fraction:
    """Return a number that stands for all between two thresholds."""
    if low is None or high is None:
        return (high if high is not None else low or Fraction(0)) + (1 if high is None else -1)
    return (low + high) / 2


_MET: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "at_least": ge,
    "at_most": le,
    "more_than": gt,
    "less_than": lt,
    "equals": eq,
    "differs": ne,
}


def _met(compare: Compare | None, number: Fraction) -> bool:
    assert compare is not None
    assert compare.limit.literal is not None
    return _MET[compare.word](number, compare.limit.literal)


def _over(about: Quantity, limit: Fraction) -> Linear:
    return about.top * limit.denominator - about.bottom * limit.numerator


def _range(about: Quantity, low: Fraction | None, high: Fraction | None, *, inside: bool) -> str:
    if not inside and low is not None:
        return f"正好 {say_number(low, about)}"
    if low is None:
        return f"不到 {say_number(high or 0, about)}"
    if high is None:
        return f"超过 {say_number(low, about)}"
    return f"在 {say_number(low, about)} 和 {say_number(high, about)} 之间"


def _gaps(chain: Chain, about: Quantity, cells: list[Cell]) -> Iterator[Flaw]:
    earning = [index for index, cell in enumerate(cells) if cell.points]
    for index, cell in enumerate(cells):
        if cell.line is None and earning and earning[0] < index < earning[-1]:
            what = f"{about.title}{cell.text}，没有一行成立，得 0 分，两边却都有分"
            yield Flaw("gap", chain.path, what, "请补一行，或改两边的界线；有意如此请写 accept: [gap]")


def _overlaps(chain: Chain, about: Quantity, cells: list[Cell], per_point: Fraction) -> Iterator[Flaw]:
    for second in range(1, len(chain.rungs)):
        for first in range(second):
            both = [cell for cell in cells if cell.held[first] and cell.held[second]]
            only_first = any(cell.held[first] and not cell.held[second] for cell in cells)
            only_second = any(cell.held[second] and not cell.held[first] for cell in cells)
            one, two = (chain.rungs[index].then for index in (first, second))
            if (
                both
                and only_first
                and only_second
                and one != two
                and isinstance(one, Const)
                and isinstance(two, Const)
            ):
                scores = " 分和 ".join(show(then.points / per_point) for then in (one, two))
                what = (
                    f"{about.title}{both[0].text}，第 {first + 1} 行和第 {second + 1} 行（{scores} 分）都成立"
                )
                yield Flaw(
                    "overlap",
                    chain.rungs[second].path,
                    what,
                    "请改界线，让每个数只落在一行；有意如此请写 accept: [overlap]",
                )
