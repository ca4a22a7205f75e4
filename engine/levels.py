"""The points that a rule itself can come to: what a person who gives points by hand is offered first."""

from collections.abc import Iterable, Sequence

from engine.build.edition import Edition
from engine.exact import show_points
from engine.tree import Add, Chain, Const, Held, Leaf, Points, Step, Take

MOST = 16
"""More levels than this are a scale, not a choice."""

TOO_MANY = 4096
"""Values on the way to the levels; beyond, nobody would read them."""


def levels_of(edition: Edition, leaf: Leaf) -> tuple[str, ...]:
    """Return the points an indicator can come to by its rule, the highest first; nothing where there are too many.

    None of them binds a person: whoever adjusts may give any points up to the full ones.
    """
    found = _values(leaf.node)
    kept = sorted({max(0, min(one, leaf.points)) for one in found} | {0, leaf.points}, reverse=True)
    if not found or len(kept) > MOST:
        return ()
    return tuple(show_points(one, edition.per_point) for one in kept)


def _values(node: Points) -> frozenset[int]:
    """Return every value of a node, in the smallest unit; empty when there are too many to name."""
    match node:
        case Const():
            return frozenset({node.points})
        case Held():
            return frozenset({0, *(points for _, points in node.ladder)})
        case Step():
            count = node.most - node.least + 1
            levels = range(node.least, node.most + 1) if count <= MOST else ()
            return frozenset(node.base + node.gain * level for level in levels)
        case Chain():
            rungs = [_values(rung.then) for rung in node.rungs]
            return frozenset({0}).union(*rungs) if all(rungs) else frozenset()
        case Add():
            found = _together([_values(part) for part in node.parts])
            return frozenset(one if node.cap is None else min(one, node.cap) for one in found)
        case Take():
            return frozenset(max(0, node.full - one) for one in _together(map(_values, node.parts)))
        case _:
            return _picked([_values(part) for part in node.parts], best=node.best)


def _together(parts: Iterable[frozenset[int]]) -> frozenset[int]:
    """Return every sum of one value of each part."""
    sums = frozenset({0})
    for one in parts:
        sums = frozenset(first + second for first in sums for second in one)
        if len(sums) > TOO_MANY:
            return frozenset()
    return sums


def _picked(parts: Sequence[frozenset[int]], *, best: bool) -> frozenset[int]:
    """Return what the best (or the worst) of several yardsticks can be."""
    if not all(parts):
        return frozenset()
    ends = [max(map(min, parts)), min(map(max, parts))]
    every = frozenset[int]().union(*parts)
    return frozenset(one for one in every if (one >= ends[0] if best else one <= ends[1]))
