"""What the filling of the demonstration works with: a portal, people, a clock of its own, operations that are counted."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from portal.assessments import load
from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import Refusal

T = TypeVar("T")


class Unplanned(Exception):
    """A use case refused what the plan of the demonstration wanted: a mistake of the plan."""


@dataclass(slots=True)
class DemoClock:
    """Time as it passes in the demonstration: from some weeks ago to now, in steps, whatever the machine's clock says."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time; each look moves it on a little."""
        self.now += timedelta(seconds=2)
        return self.now


@dataclass(slots=True)
class Scene:
    """What the filling works with."""

    portal: Portal
    chance: random.Random
    ops: Iterator[int] = field(default_factory=lambda: count(1))
    people: dict[str, Actor] = field(default_factory=dict)

    def op(self) -> str:
        """Return the id of the next operation."""
        return f"demo-op-{next(self.ops)}"

    def version(self, assessment: str) -> int:
        """Return the version that the next move of an assessment is based on."""
        with self.portal.database.read() as connection:
            standing = load(connection, assessment)
        assert standing is not None
        return standing.version

    def actor(self, role: str, number: int) -> Actor:
        """Return somebody of a university."""
        return self.people[f"{role}-{number + 1:03}"]


def done(found: T | Refusal) -> T:
    """Return what a use case answered; a refusal is a mistake of the plan."""
    if isinstance(found, Refusal):
        raise Unplanned(f"{found.message} {dict(found.details)}")
    return found
