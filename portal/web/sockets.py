"""Connections that stay open: each belongs to a session, and ends when the session does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Alive = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Answers which sessions still let somebody in."""

EVERY = 0.5
"""Seconds between looks: what is revoked is cut off within a second."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Line:
    """One open connection."""

    token: str = field(repr=False)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the session has ended."""


class Sockets:
    """The open connections of a process, and who watches over them while there are any."""

    def __init__(self, alive: Alive, every: float = EVERY) -> None:
        self.alive, self.every = alive, every
        self._open = dict[str, set[Line]]()
        self._watch: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    @asynccontextmanager
    async def open(self, token: str) -> AsyncIterator[Line]:
        """Watch over a connection while it is open."""
        line = Line(token)
        self._open.setdefault(token, set()).add(line)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching(), name="zhunsheng-sockets")
        try:
            yield line
        finally:
            mine = self._open.get(token, set())
            mine.discard(line)
            if not mine:
                self._open.pop(token, None)

    def end(self, token: str) -> None:
        """End the connections of a session at once."""
        for line in self._open.get(token, ()):
            line.over.set()

    async def look(self) -> None:
        """End the connections of every session that is over."""
        held = list(self._open)
        living = await self.alive(held)
        for token in held:
            if token not in living:
                self.end(token)

    async def _watching(self) -> None:
        while self._open:
            await asyncio.sleep(self.every)
            try:
                await self.look()
            except (
                Exception
            ):  # what cannot be asked now is asked again; every message is checked by itself as well
                log.exception("open connections could not be looked at")
