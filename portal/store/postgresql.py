"""PostgreSQL, for several processes and machines: a write is tried again when the same may succeed."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from portal.store.unavailable import Unavailable, reason_of, unavailable

T = TypeVar("T")
Work = Callable[[Connection], T]

OPTIONS = "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
"""No statement, no lock and no forgotten reader holds up the others for ever."""

POOL, OVERFLOW = 8, 12
"""Connections of one replica: four of them stay below the hundred that PostgreSQL allows by default."""

WRITING = 12
"""How many of them may write at once; the others are for readers."""

_AGAIN = {"25P03", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03"}
_SAME_OPERATION = {"uq_log_op_id", "uq_log_chain_place"}
"""Two callers took the same step at the same moment; the second sees it done when it looks again."""

_COLLISIONS = 5


def open_engine(address: str) -> Engine:
    """Open a PostgreSQL database by its address, postgresql://…"""
    url = make_url(address).set(drivername="postgresql+psycopg")
    options = f"{OPTIONS} {url.query.get('options', '')}".strip()
    arguments: dict[str, Any] = {
        "options": options,
        "connect_timeout": int(str(url.query.get("connect_timeout", 5))),
        "keepalives_idle": 30,
        "tcp_user_timeout": 20000,
        "application_name": "zhunsheng",
    }
    url = url.difference_update_query(["options", "connect_timeout"])
    engine = create_engine(
        url,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args=arguments,
    )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        """Let a commit be durable when it returns, even where the server is set to be faster than that."""
        raw.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        raw.commit()

    return engine


def unsafe_settings(connection: Connection) -> tuple[str, ...]:
    """Name the settings of a server that lose acknowledged writes when the power fails."""
    rows = connection.execute(
        text(
            "SELECT name FROM pg_settings"
            " WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY 1"
        )
    )
    return tuple(row.name for row in rows)


class Turnstile:
    """Lets so many through at once, and the others in the order they came: a pool alone lets newcomers jump in."""

    def __init__(self, places: int) -> None:
        self._free, self._waiting = places, deque[threading.Event]()
        self._gate = threading.Lock()

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for a place, for so many seconds, and leave it to the next in the end. Raises `Unavailable`."""
        called = threading.Event()
        with self._gate:
            if self._free:
                self._free -= 1
                called.set()
            else:
                self._waiting.append(called)
        if not called.wait(max(patience, 0)):
            with self._gate:
                if not called.is_set():
                    self._waiting.remove(called)
                    raise Unavailable("too many others are writing", "busy")
        try:
            yield
        finally:
            with self._gate:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._free += 1


class Writer:
    """Writes to a PostgreSQL database, again and again within the deadline if that may help."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turnstile = Turnstile(WRITING)

    def write(self, work: Work[T], deadline: float) -> T:
        """Run a function in one transaction; give up after the deadline (seconds)."""
        until = time.monotonic() + deadline
        attempt = collisions = 0
        while True:
            try:
                with self._turnstile.turn(until - time.monotonic()), self.engine.begin() as connection:
                    return work(connection)
            except (DBAPIError, NoConnection) as error:
                attempt += 1
                collisions += _same_operation(error)
                pause = min(0.01 * 2 ** min(attempt, 6), 0.5) * random.uniform(0.5, 1.0)  # noqa: S311  no secret
                if not _worth_another(error, collisions) or time.monotonic() + pause > until:
                    if found := unavailable(error):
                        raise found from error
                    raise
                time.sleep(pause)

    def close(self) -> None:
        """Let go of the server."""
        self.engine.dispose()


def _worth_another(error: DBAPIError | NoConnection, collisions: int) -> bool:
    if isinstance(error, NoConnection):
        return False  # it has waited for one already
    if _same_operation(error):
        return collisions < _COLLISIONS
    state = getattr(error.orig, "sqlstate", None)
    if state is None or state.startswith("08"):
        return reason_of(error) == "unreachable"
    return state in _AGAIN


def _same_operation(error: DBAPIError | NoConnection) -> bool:
    said = getattr(getattr(error, "orig", None), "diag", None)
    return isinstance(error, IntegrityError) and getattr(said, "constraint_name", None) in _SAME_OPERATION
