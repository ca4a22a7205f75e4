"""The plain interpreter: conditions and points where everything they read is known.

It is the specification. Every other reader of the tree is held to it by tests.
"""

from collections.abc import Mapping
from fractions import Fraction

from engine.tree import (
    Add,
    All,
    Among,
    Chain,
    Compare,
    Condition,
    Const,
    Linear,
    Pick,
    Points,
    Quantity,
    Step,
    Take,
    Value,
    Var,
)

Known = Mapping[Var, Value]
"""What is known; a variable that is not in it has not been answered."""


class Unknown(LookupError):
    """Something the rule reads is not known, or divides by zero."""


def number(form: Linear, known: Known) -> int | Fraction:
    """Return the value of a linear form. Raises `Unknown`."""
    total: int | Fraction = form.const
    for var, factor in form.terms:
        try:
            total += factor * known[var]  # type: ignore[operator]
        except KeyError:
            raise Unknown(var) from None
    return total


def worth(quantity: Quantity, known: Known) -> Fraction | None:
    """Return the value of a quantity; None when it is not known or divides by zero."""
    try:
        top, bottom = number(quantity.top, known), number(quantity.bottom, known)
    except Unknown:
        return None
    return Fraction(top) / bottom if bottom > 0 else None


def truth(condition: Condition, known: Known) -> bool | None:
    """Return whether a condition holds: yes, no, or None for not known yet."""
    match condition:
        case Compare():
            return _compare(condition, known)
        case Among():
            value = known.get(condition.var)
            return None if value is None else value in condition.options
        case All():
            results = [truth(part, known) for part in condition.parts]
            return False if False in results else None if None in results else True
        case _:
            results = [truth(part, known) for part in condition.parts]
            return True if True in results else None if None in results else False


def _compare(condition: Compare, known: Known) -> bool | None:
    try:
        if condition.guard is not None and number(condition.guard, known) <= 0:
            return None
        value = number(condition.form, known)
    except Unknown:
        return None
    match condition.sign:
        case ">=":
            return value >= 0
        case ">":
            return value > 0
        case "=":
            return value == 0
        case _:
            return value != 0


def points(node: Points, known: Known) -> int:
    """Return the points of a node in the smallest unit. Raises `Unknown` when something is missing."""
    match node:
        case Const():
            return node.points
        case Chain():
            for rung in node.rungs:
                if rung.when is None or holds(rung.when, known):
                    return points(rung.then, known)
            return 0
        case Step():
            return node.base + node.gain * level(node, known)
        case Add():
            total = sum(points(part, known) for part in node.parts)
            return total if node.cap is None else min(total, node.cap)
        case Take():
            return max(0, node.full - sum(points(part, known) for part in node.parts))
        case Pick():
            return (max if node.best else min)(points(part, known) for part in node.parts)
        case _:
            return node.points(sum(holds(one, known) for one in node.conditions))


def holds(condition: Condition, known: Known) -> bool:
    """Return whether a condition holds. Raises `Unknown` when that is not known yet."""
    result = truth(condition, known)
    if result is None:
        raise Unknown(", ".join(sorted(condition.vars)))
    return result


def level(node: Step, known: Known) -> int:
    """Return the level a staircase reaches. Raises `Unknown`."""
    top, bottom = number(node.top, known), number(node.bottom, known)
    if bottom <= 0:
        raise Unknown(node.about.title)
    if node.mode == "floor":
        reached = top // bottom
    elif node.mode == "ceil":
        reached = -(-top // bottom)
    else:
        reached = (2 * top + bottom) // (2 * bottom)
    return min(max(int(reached), node.least), node.most)
