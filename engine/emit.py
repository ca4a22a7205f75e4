"""Straight-line Python for each indicator, written from the same tree that the plain interpreter reads.

A function gives the points of an indicator when everything it needs is known and raises `KeyError` otherwise.
It never disagrees with the interpreter: a test holds it to that over random standards.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from engine.build.edition import Edition
from engine.evaluate import Known
from engine.tree import (
    All,
    Among,
    Chain,
    Compare,
    Condition,
    Const,
    Held,
    Leaf,
    Linear,
    Pick,
    Points,
    Step,
    Take,
)

Fast = Callable[[Known], int]


@lru_cache(maxsize=32)
def emitted(edition: Edition) -> tuple[Fast, ...]:
    """Return a function for every indicator of an edition, bonus items too, in order."""
    writer = _Writer()
    lines = [
        f"def leaf{number}(k): return {writer.points(leaf.node)}"
        for number, leaf in enumerate(edition.every_leaf)
    ]
    exec(compile("\n".join(lines), f"<{'/'.join(edition.key)}>", "exec"), writer.space)  # noqa: S102
    return tuple(writer.space[f"leaf{number}"] for number in range(len(lines)))  # type: ignore[misc]


def source(leaf: Leaf) -> str:
    """Return the expression of one indicator, for whoever wants to read it."""
    return _Writer().points(leaf.node)


def _unknown() -> NoReturn:
    raise KeyError


class _Writer:
    """Writes expressions; names of facts only ever appear as quoted literals."""

    def __init__(self) -> None:
        self.space: dict[str, object] = {
            "__builtins__": {"min": min, "max": max, "bool": bool},
            "unknown": _unknown,
        }

    def constant(self, value: object) -> str:
        """Keep a value in the namespace and return its name."""
        name = f"c{len(self.space)}"
        self.space[name] = value
        return name

    def form(self, form: Linear) -> str:
        """Write a linear form."""
        terms = [f"k[{var!r}]" if factor == 1 else f"{factor}*k[{var!r}]" for var, factor in form.terms]
        return "+".join([*terms, *([str(form.const)] if form.const or not terms else [])])

    def points(self, node: Points) -> str:
        """Write the points of a node."""
        match node:
            case Const():
                return str(node.points)
            case Chain():
                text = "0"
                for rung in reversed(node.rungs):
                    then = self.points(rung.then)
                    text = (
                        then if rung.when is None else f"({then} if {self.condition(rung.when)} else {text})"
                    )
                return text
            case Step():
                return self.step(node)
            case Held():
                table = self.constant(tuple(node.points(count) for count in range(len(node.conditions) + 1)))
                return f"{table}[{'+'.join(f'bool({self.condition(one)})' for one in node.conditions)}]"
            case Pick():
                return f"{'max' if node.best else 'min'}({','.join(map(self.points, node.parts))})"
            case Take():
                return f"max(0,{node.full}-({'+'.join(map(self.points, node.parts))}))"
            case _:
                total = "+".join(map(self.points, node.parts))
                return f"({total})" if node.cap is None else f"min({total},{node.cap})"

    def step(self, node: Step) -> str:
        """Write a staircase."""
        top, bottom = self.form(node.top), self.form(node.bottom)
        if node.bottom.terms:
            bottom = f"(({bottom}) if ({bottom})>0 else unknown())"
        rounded = {
            "floor": f"({top})//({bottom})",
            "ceil": f"-(-({top})//({bottom}))",
            "half_up": f"(2*({top})+({bottom}))//(2*({bottom}))",
        }[node.mode]
        return f"({node.base}+{node.gain}*min(max({rounded},{node.least}),{node.most}))"

    def condition(self, condition: Condition) -> str:
        """Write a condition."""
        match condition:
            case Compare():
                sign = "==" if condition.sign == "=" else condition.sign
                text = f"({self.form(condition.form)}{sign}0)"
                return (
                    text
                    if condition.guard is None
                    else f"((({self.form(condition.guard)})>0 or unknown()) and {text})"
                )
            case Among():
                return f"(k[{condition.var!r}] in {self.constant(condition.options)})"
            case All():
                return f"({' and '.join(map(self.condition, condition.parts))})"
            case _:
                return f"({' or '.join(map(self.condition, condition.parts))})"
