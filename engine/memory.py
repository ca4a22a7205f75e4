"""Judging again soon after: what was worked out is taken over where everything it was worked out from is the same.

While somebody fills in a form, one answer changes and a hundred indicators stay. A `Memory` belongs to one subject and
one edition; it never changes a result, only how long it takes. Each entry holds what it was worked out from, by value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.build.edition import Edition
from engine.cases import World
from engine.tree import Var

T = TypeVar("T")


@dataclass(slots=True)
class Memory:
    """What was worked out the last time."""

    kept: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)

    def recall(self, kind: str, name: str, source: Any, work: Callable[[], T]) -> T:
        """Return what follows from a source: kept if the source is equal to the last one, else worked out and kept."""
        before = self.kept.get((kind, name))
        if before is not None and before[0] == source:
            result: T = before[1]
            return result
        made = work()
        self.kept[kind, name] = (source, made)
        return made


def recalled(memory: Memory | None, kind: str, name: str, source: Any, work: Callable[[], T]) -> T:
    """Return what follows from a source, with or without a memory."""
    return work() if memory is None else memory.recall(kind, name, source, work)


def recalled_of(
    memory: Memory | None,
    kind: str,
    name: str,
    reads: tuple[frozenset[Var], Edition, World],
    work: Callable[[], T],
    also: object = None,
) -> T:
    """Return what follows from some variables of an edition in a world, and from what stands in `also`."""
    if memory is None:
        return work()
    names, edition, world = reads
    return memory.recall(kind, name, (also, seen(edition.together(names), world.known, world.domains)), work)


def seen(names: Iterable[Var], known: Mapping[Var, Any], domains: Mapping[Var, Any]) -> tuple[Any, ...]:
    """Return what there is to know of some variables: the value of each, or what it may still be."""
    return tuple(known[one] if one in known else domains.get(one) for one in names)


def exactly(value: Any) -> tuple[str, Any]:
    """Return something that is equal only for the same answer: `True` is not 1, and 1.0 is not 1."""
    return type(value).__name__, repr(value) if isinstance(value, list | tuple | dict) else value
