"""Whether this process lives, and whether it can serve: the store, the evidence, the tables, the end of the trail.

`/livez` asks nothing of anybody, so that a store that is away does not get the process killed. `/readyz` answers
within its deadline even when the store does not answer at all.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from portal.store import migrate
from portal.store.blobs import Blobs
from portal.store.database import Database, Unavailable
from portal.store.tables import checkpoints, log
from portal.trail import START, Entry, hash_of

DEADLINE = 2.0
"""Seconds after which a check counts as failed."""

Check = Callable[[], str]
"""Returns what is wrong, or nothing. What it raises counts as wrong as well."""

TITLES = {"store": "数据库", "evidence": "证据", "tables": "库表结构", "trail": "审计日志"}
AWAY = "连不上或没有在时限内答复"


@dataclass(frozen=True, slots=True)
class Health:
    """What each check found; a sentence where something is wrong, nothing where all is well."""

    checks: dict[str, str]

    @property
    def ok(self) -> bool:
        """Whether everything is well."""
        return not any(self.checks.values())

    def document(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "ready": self.ok,
            "checks": {name: found or "ok" for name, found in self.checks.items()},
        }


@dataclass(slots=True)
class Doctor:
    """Asks each check in a thread of its own, and never twice at once: a store that hangs costs one thread."""

    checks: dict[str, Check]
    deadline: float = DEADLINE
    _running: dict[str, "Future[str]"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def examine(self) -> Health:
        """Return how everything is, within the deadline."""
        until = monotonic() + self.deadline
        asked = {name: self._ask(name, check) for name, check in self.checks.items()}
        found = {}
        for name, future in asked.items():
            try:
                found[name] = future.result(max(0.0, until - monotonic()))
            except TimeoutError:
                found[name] = AWAY
        return Health(found)

    def _ask(self, name: str, check: Check) -> "Future[str]":
        with self._lock:
            running = self._running.get(name)
            if running is not None and not running.done():
                return running
            future: Future[str] = Future()
            self._running[name] = future
        threading.Thread(target=_answer, args=(future, check), name=f"health-{name}", daemon=True).start()
        return future


def _answer(future: "Future[str]", check: Check) -> None:
    try:
        future.set_result(check())
    except Exception:  # noqa: BLE001  whatever is wrong with what is asked, the answer is: not ready
        future.set_result(AWAY)


def doctor_of(database: Database, blobs: Blobs, deadline: float = DEADLINE) -> Doctor:
    """Return who checks a store and its evidence."""
    return Doctor(
        {
            "store": lambda: store(database),
            "evidence": lambda: evidence(blobs),
            "tables": lambda: revision(database),
            "trail": lambda: trail(database),
        },
        deadline,
    )


def store(database: Database) -> str:
    """Ask the store for an answer."""
    try:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
    except Unavailable:
        return AWAY
    return ""


def evidence(blobs: Blobs) -> str:
    """Ask the evidence for something that is not there; it must be able to say so."""
    return "不该有的内容却有" if blobs.has("0" * 64) else ""


def revision(database: Database) -> str:
    """Compare the tables with this program."""
    current, wanted = migrate.current(database), _head()
    return "" if current == wanted else f"库表是 {current}，程序要 {wanted}"


_head = cache(migrate.head)
"""What this program wants does not change while it runs."""


def trail(database: Database) -> str:
    """Recompute the last line of the trail, and see that it follows the one before and reaches the last checkpoint."""
    with database.read() as connection:
        return tail(connection)


def tail(connection: Connection) -> str:
    """Say what is wrong with the last line of the trail."""
    last = connection.execute(select(log).order_by(log.c.seq.desc()).limit(1)).first()
    noted = connection.execute(select(func.max(checkpoints.c.size))).scalar() or 0
    if last is None:
        return "检查点之后的记录不见了" if noted else ""
    before = connection.execute(
        select(log.c.hash).where(log.c.chain == last.chain, log.c.place == last.place - 1)
    ).scalar()
    if last.previous != (before if last.place > 1 else START):
        return "最后一条和它前面的一条接不上"
    if last.hash != computed(last):
        return "最后一条的内容和它的指纹不符"
    return "记录比最后一个检查点还少" if last.seq < noted else ""  # counting would read the whole log


def computed(row: Row[Any]) -> str:
    """Return the hash that a stored line of the trail must have."""
    details = json.loads(row.details)
    entry = Entry(row.op_id, row.chain, row.at, row.actor, row.action, row.target, details)
    return hash_of(entry, row.place, row.previous)
