"""Exact intervals: the least and most points over all ways to answer what is still open.

They come from the cases of a rule. Parts that share no unanswered fact are taken one by one, because every
operator that joins them is monotone; only parts that share one are taken case by case.
"""

from contextlib import suppress
from typing import TypeVar

from engine.cases import TooMany, World, cases, decide, step_ends
from engine.evaluate import Unknown, points
from engine.tree import Add, Chain, Condition, Const, Held, Pick, Points, Step, Take, Var


def interval(node: Points, world: World) -> tuple[int, int]:
    """Return the least and most points over all ways to answer what is open: tight, and never too narrow.

    Parts that share no unanswered fact are taken one by one; the others case by case.
    """
    if isinstance(node, Const):
        return node.points, node.points
    if not world.open(node):
        with suppress(Unknown):
            exact = points(node, world.known)
            return exact, exact
    match node:
        case Chain():
            return _climb(node, 0, world)
        case Step():
            bottom = world.reduced(node.bottom)
            inside = world.with_row((bottom, True))
            low, high = (node.least, node.most) if inside is None else step_ends(node, inside)
            return node.base + node.gain * low, node.base + node.gain * high
        case Held():
            return _ladder(node, world)
        case _:
            return _parts(node, world)


def _climb(node: Chain, index: int, world: World) -> tuple[int, int]:
    if index == len(node.rungs):
        return 0, 0
    rung = node.rungs[index]
    if rung.when is None:
        return interval(rung.then, world)
    ends = [
        interval(rung.then, after) if held else _climb(node, index + 1, after)
        for after, held in decide(rung.when, world)
    ]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _parts(node: Add | Take | Pick, world: World) -> tuple[int, int]:
    ends = list[tuple[int, int]]()
    for group in independent(node.parts, world):
        if len(group) == 1:
            ends.append(interval(group[0], world))
            continue
        together = (
            Pick(node.best, group, node.path) if isinstance(node, Pick) else Add(group, None, node.path)
        )
        try:
            found = [(low, high) for _, low, high in cases(together, world)]
        except TooMany:
            found = [extent(together)]
        ends.append((min(low for low, _ in found), max(high for _, high in found)))
    return _combined(node, ends)


def _combined(node: Add | Take | Pick, ends: list[tuple[int, int]]) -> tuple[int, int]:
    """Put the ends of independent parts together; every operator is monotone in its parts."""
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    match node:
        case Pick():
            choose = max if node.best else min
            return choose(lows), choose(highs)
        case Take():
            return max(0, node.full - sum(highs)), max(0, node.full - sum(lows))
    if node.cap is None:
        return sum(lows), sum(highs)
    return min(sum(lows), node.cap), min(sum(highs), node.cap)


def _ladder(node: Held, world: World) -> tuple[int, int]:
    """Points by how many hold: where the conditions share no fact, every count between is possible."""
    least = most = 0
    if len(independent(node.conditions, world)) == len(node.conditions):
        for one in node.conditions:
            results = {held for _, held in decide(one, world)}
            least, most = least + (results == {True}), most + (True in results)
        found = [node.points(count) for count in range(least, most + 1)]
    else:
        try:
            found = [low for _, low, _ in cases(node, world)]
        except TooMany:
            return extent(node)
    return min(found), max(found)


Node = TypeVar("Node", bound=Points | Condition)


def independent(parts: tuple[Node, ...], world: World) -> list[tuple[Node, ...]]:
    """Group the parts so that no two groups share an unanswered variable."""
    groups: list[tuple[frozenset[Var], tuple[Node, ...]]] = []
    for part in parts:
        names = world.open(part)
        together: tuple[Node, ...] = (part,)
        apart: list[tuple[frozenset[Var], tuple[Node, ...]]] = []
        for group in groups:
            if group[0] & names:
                names, together = names | group[0], (*group[1], *together)
            else:
                apart.append(group)
        groups = [*apart, (names, together)]
    return [group for _, group in groups]


def extent(node: Points) -> tuple[int, int]:
    """Return bounds that hold whatever the answers: the widest a node can be."""
    match node:
        case Const():
            return node.points, node.points
        case Step():
            return node.base + node.gain * node.least, node.base + node.gain * node.most
        case Held():
            return 0, max(points for _, points in node.ladder)
        case Chain():
            ends = [extent(rung.then) for rung in node.rungs]
            return min([0, *(low for low, _ in ends)]), max(high for _, high in ends)
    return _combined(node, [extent(part) for part in node.parts])
