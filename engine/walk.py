"""Walk a rule tree: every node below a node."""

from collections.abc import Iterator

from engine.tree import (
    Add,
    All,
    AnyOf,
    Chain,
    Compare,
    Condition,
    Held,
    Linear,
    Pick,
    Points,
    Quantity,
    Step,
    Take,
)


def below(node: Points | Condition) -> Iterator[Points | Condition]:
    """Yield the node and everything under it, in the order it is written."""
    yield node
    match node:
        case All() | AnyOf() | Add() | Take() | Pick():
            for part in node.parts:
                yield from below(part)
        case Held():
            for condition in node.conditions:
                yield from below(condition)
        case Chain():
            for rung in node.rungs:
                if rung.when is not None:
                    yield from below(rung.when)
                yield from below(rung.then)


def divisors(node: Points | Condition) -> Iterator[tuple[Linear, Quantity]]:
    """Yield what a node divides by, where that depends on facts, with the quantity it belongs to."""
    for one in below(node):
        if isinstance(one, Compare) and one.guard is not None:
            yield one.guard, one.about
        elif isinstance(one, Step) and one.bottom.terms:
            yield one.bottom, one.about
