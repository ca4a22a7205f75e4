"""One way to read and one way to write, on SQLite (one process) and PostgreSQL (several).

A write is a function of a connection: it runs in one transaction, and has happened, durably, when `write` returns.
It may run more than once before that: a connection may be lost after the commit, or what was written along with it
may fail. So it has no effect but on the store, and recognises by its operation id (see `portal.trail`) what it has
done already.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from portal.store import postgresql, sqlite
from portal.store.sqlite import sqlite_module, sync_folder, wal_reset_fault
from portal.store.unavailable import Unavailable, unavailable

__all__ = [
    "DEADLINE",
    "Database",
    "Unavailable",
    "Work",
    "open_postgresql",
    "open_sqlite",
    "open_store",
    "sqlite_module",
    "sync_folder",
    "wal_reset_fault",
]

T = TypeVar("T")
Work = Callable[[Connection], T]

DEADLINE = 10.0
"""Seconds after which a write that cannot get through is given up."""


class Writer(Protocol):
    """What writes to a store."""

    def write(self, work: Work[T], deadline: float) -> T:
        """Run a function in one transaction within a deadline (seconds)."""

    def close(self) -> None:
        """Finish what is queued, then stop."""


class Database:
    """A store that is open; `close` it in the end."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self.engine, self._writer = engine, writer
        self._closed = False

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        """Which store it is."""
        return "sqlite" if self.engine.dialect.name == "sqlite" else "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store from beginning to end, and can write nothing."""
        self._ensure_open()
        try:
            with self.engine.connect() as connection, connection.begin() as transaction:
                if self.kind == "postgresql":
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                yield connection
                transaction.rollback()
        except (DBAPIError, NoConnection) as error:
            if found := unavailable(error):
                raise found from error
            raise

    def write(self, work: Work[T], deadline: float = DEADLINE) -> T:
        """Run a function in one transaction and return what it returns, once that is durable.

        An exception of the function undoes it and is raised here. Raises `Unavailable` when the store is not to be
        reached, is full or read-only, or does not come to it within the deadline (seconds).
        """
        self._ensure_open()
        return self._writer.write(work, deadline)

    def close(self) -> None:
        """Finish what is queued and let go of the store."""
        self._closed = True
        self._writer.close()
        self.engine.dispose()

    def _ensure_open(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed", "closed")


def open_sqlite(path: Path) -> Database:
    """Open (or create) an SQLite file; a new one is durable itself before the first write."""
    return Database(*sqlite.open_engines(path))


def open_postgresql(address: str) -> Database:
    """Open a PostgreSQL database by its address, postgresql://…"""
    engine = postgresql.open_engine(address)
    return Database(engine, postgresql.Writer(engine))


def open_store(address: str) -> Database:
    """Open the store that an address names: a path, sqlite:///path, or postgresql://…"""
    if address.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
        return open_postgresql(address.replace("postgres://", "postgresql://", 1))
    return open_sqlite(Path(address.removeprefix("sqlite:///")))
