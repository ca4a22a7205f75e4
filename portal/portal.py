"""The portal: what every use case works with, and the one door all of them go through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.build.edition import Edition
from engine.load import Library
from portal.checkpoint import Checkpoint, Seal, make
from portal.evidence.limits import Limits
from portal.library import Trouble
from portal.live import Live
from portal.logs import logger
from portal.moment import Clock, now, text_of
from portal.policy import Action
from portal.refusal import Refusal
from portal.store.blobs import Blobs
from portal.store.database import Database

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Portal:
    """The store, the evidence, the rules, the time. Pages and the API hold one of these and call use cases with it."""

    database: Database
    blobs: Blobs
    library: Callable[[], Library]
    clock: Clock = field(default=now)
    limits: Limits = field(default_factory=Limits)
    seal: Seal | None = None
    """Who signs checkpoints and reports; None where the keys are kept elsewhere."""
    trouble: Callable[[], Trouble | None] = field(default=lambda: None)
    """Why the files of the rules, as they are now, are not the library that is served."""
    live: Live = field(default_factory=Live)
    """What this process remembers of scores that are being filled in; no record."""

    def at(self) -> str:
        """Return the time as it is kept."""
        return text_of(self.clock())

    def mark(self, connection: Connection) -> Checkpoint | Refusal | None:
        """Make a checkpoint as the last thing in a transaction; None without a seal.

        The answer `trail_broken` raises the alarm here, once and for whoever asked; nothing is signed then.
        """
        if self.seal is None:
            return None
        made = make(connection, self.seal, self.at())
        if isinstance(made, Refusal):
            logger(__name__).critical("the trail contradicts its checkpoints", code=made.code, next=made.next)
        return made

    def edition(self, standard: str, edition: str, fingerprint: str) -> Edition | None:
        """Return the edition a round is pinned to; None when the rules here are not those any more."""
        found = self.library().edition(standard, edition)
        return found if found is not None and found.hash == fingerprint else None


@dataclass(frozen=True, slots=True)
class UseCase:
    """A use case as it is registered: its name, what it needs permission for, and the function."""

    name: str
    action: Action | None
    """None: for anybody, signed in or not (the list of these is short and tested)."""
    run: Callable[..., Any]
    writes: bool


USE_CASES: dict[str, UseCase] = {}
"""Every use case by name. Pages and routes may call nothing else; a test walks this table."""


def use_case(name: str, action: Action | None, *, writes: bool) -> Callable[[F], F]:
    """Register a use case; it checks `action` itself, inside its transaction, against what it has read there."""

    def register(run: F) -> F:
        assert name not in USE_CASES, name
        USE_CASES[name] = UseCase(name, action, run, writes)
        return run

    return register
