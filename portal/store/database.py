"""One way to read and one way to write, on SQLite (one process) and PostgreSQL (several).

A write is a function of a connection: it runs in one transaction, and has happened, durably, when `write` returns.
SQLite is written by one thread that commits what has queued up together; nobody waits for a lock, nobody starves.
PostgreSQL may ask to try again, and a connection may be lost after the commit: the function runs again then, so it
must recognise by its operation id (see `portal.trail`) what it has done already.
"""

import os
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

T = TypeVar("T")
Work = Callable[[Connection], T]

BATCH = 64
"""Writes that one commit may take along."""

DEADLINE = 10.0
"""Seconds after which a write that cannot get through is given up."""

_AGAIN = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08000", "08003", "08006"}
"""What PostgreSQL says when the same transaction may succeed if tried again."""


class Unavailable(Exception):
    """The store cannot be reached or written to at the moment; nothing was changed as far as can be known."""


class Database:
    """A store that is open; `close` it in the end."""

    def __init__(self, engine: Engine, writer: "Writer | None" = None) -> None:
        self.engine, self._writer = engine, writer

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        """Which store it is."""
        return "sqlite" if self.engine.dialect.name == "sqlite" else "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store from beginning to end, and writes nothing."""
        try:
            with self.engine.connect() as connection, connection.begin() as transaction:
                if self.kind == "postgresql":
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                yield connection
                transaction.rollback()
        except OperationalError as error:
            raise Unavailable(str(error.orig)) from error

    def write(self, work: Work[T], deadline: float = DEADLINE) -> T:
        """Run a function in one transaction and return what it returns, once that is durable.

        An exception of the function undoes it and is raised here. Raises `Unavailable` when the store is not to be
        reached, is full or read-only within the deadline (seconds).
        """
        if self._writer is not None:
            return self._writer.submit(work).result()
        return self._persist(work, time.monotonic() + deadline)

    def _persist(self, work: Work[T], until: float) -> T:
        attempt = 0
        while True:
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                attempt += 1
                pause = min(0.02 * 2**attempt, 0.5) * random.uniform(0.5, 1.0)  # noqa: S311  jitter, no secret
                if not _worth_another(error) or time.monotonic() + pause > until:
                    if isinstance(error, OperationalError):
                        raise Unavailable(str(error.orig)) from error
                    raise
                time.sleep(pause)

    def close(self) -> None:
        """Finish what is queued and let go of the store."""
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()


def _worth_another(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _AGAIN


class Writer:
    """The one thread that writes to an SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zhunsheng-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        """Queue a write."""
        if self._closed.is_set():
            raise Unavailable("the store is closed")
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Write what is queued, then stop."""
        self._closed.set()
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < BATCH and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    last = True
                    break
                batch.append(item)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        """Run several writes, each undone alone if it fails, and tell their callers once all are durable."""
        done: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self.engine.begin() as connection:
                for work, future in batch:
                    try:
                        with connection.begin_nested():
                            done.append((future, work(connection), None))
                    except OperationalError:
                        raise
                    except Exception as error:  # noqa: BLE001  it belongs to the caller of this one write
                        done.append((future, None, error))
        except OperationalError as error:
            if len(batch) > 1:  # one of them may be why; each for itself then
                for one in batch:
                    self._commit([one])
                return
            trouble = Unavailable(str(error.orig))
            trouble.__cause__ = error
            done = [(batch[0][1], None, trouble)]
        except Exception as error:  # noqa: BLE001  a commit that failed: no one may believe it happened
            done = [(future, None, error) for _, future in batch]
        for future, result, failure in done:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def sqlite_module() -> ModuleType:
    """Return the SQLite that has not the fault: the bundled one where there is a wheel, else Python's own."""
    try:
        from pysqlite3 import dbapi2 as module  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        import sqlite3 as module  # noqa: PLC0415
    return module  # type: ignore[no-any-return]


def open_sqlite(path: Path) -> Database:
    """Open (or create) an SQLite file; a new one is durable itself before the first write."""
    fresh = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    address = f"sqlite:///{path.as_posix()}"
    engine = create_engine(address, module=sqlite_module(), poolclass=QueuePool, pool_size=8, max_overflow=24)
    writing = create_engine(address, module=sqlite_module(), poolclass=QueuePool, pool_size=1, max_overflow=0)
    for one, begin in ((engine, "BEGIN"), (writing, "BEGIN IMMEDIATE")):
        _prepare(one, begin)
    with writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    if fresh:
        sync_folder(path.parent)
    return Database(engine, Writer(writing))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without this a new file may vanish although its content was synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prepare(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=10000",
            "foreign_keys=ON",
            "synchronous=FULL",
            "mmap_size=0",
            "wal_autocheckpoint=1000" if begin == "BEGIN IMMEDIATE" else "wal_autocheckpoint=0",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def open_postgresql(address: str) -> Database:
    """Open a PostgreSQL database by its address, postgresql://…"""
    address = address.replace("postgresql://", "postgresql+psycopg://", 1)
    options = "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
    engine = create_engine(
        address, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args={"options": options}
    )
    return Database(engine)


def open_store(address: str) -> Database:
    """Open the store that an address names: a path, sqlite:///path, or postgresql://…"""
    if address.startswith(("postgresql://", "postgres://")):
        return open_postgresql(address.replace("postgres://", "postgresql://", 1))
    return open_sqlite(Path(address.removeprefix("sqlite:///")))
