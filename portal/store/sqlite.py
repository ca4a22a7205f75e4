"""SQLite, for one process on one machine: durable from its first byte, and written by one thread.

The thread commits what has queued up together, so that nobody waits for a lock and nobody starves.
"""

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from portal.store.unavailable import Unavailable, reason_of, unavailable

T = TypeVar("T")
Work = Callable[[Connection], T]

BATCH = 64
"""Writes that one commit may take along."""

SETTINGS: dict[str, str | int] = {
    "busy_timeout": 10000,
    "foreign_keys": "ON",
    "synchronous": "FULL",  # NORMAL loses what was acknowledged since the last checkpoint when the power fails
    "fullfsync": "ON",  # macOS: through the cache of the disk itself; elsewhere without effect
    "checkpoint_fullfsync": "ON",
    "mmap_size": 0,
    "recursive_triggers": "ON",  # else INSERT OR REPLACE deletes without asking the guards of the log
    "journal_size_limit": 64 << 20,
}
"""What every connection is set to."""

CHECKPOINT = 1000
"""Pages after which the writer, and nobody else, moves the write-ahead log into the file."""

_FIRST, _LAST = (3, 7, 0), (3, 51, 2)
_REPAIRED = {(3, 44): 6, (3, 50): 7}


def wal_reset_fault(version: str) -> bool:
    """Whether an SQLite of this version can corrupt its write-ahead log when it is reset."""
    first, second, third = (int(part) for part in f"{version}.0.0".split(".")[:3])
    if (first, second) in _REPAIRED and third >= _REPAIRED[first, second]:
        return False
    return _FIRST <= (first, second, third) <= _LAST


def sqlite_module() -> ModuleType:
    """Return the SQLite that has not the fault: the bundled one where there is a wheel, else Python's own."""
    try:
        from pysqlite3 import dbapi2 as module  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        import sqlite3 as module  # noqa: PLC0415
    return module  # type: ignore[no-any-return]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without this a new file may vanish although its content was synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, each durably named in the one above."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync_folder(one.parent)


class Writer:
    """The one thread that writes to an SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="zhunsheng-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        """Queue a write."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write would wait for itself: use the connection at hand")
        future: Future[T] = Future()
        with self._gate:  # nothing may queue up behind the end
            if self._closed:
                raise Unavailable("the store is closed", "closed")
            self._queue.put((work, future))
        return future

    def write(self, work: Work[T], deadline: float) -> T:
        """Queue a write and wait for it; give up if it has not begun within the deadline (seconds)."""
        future = self.submit(work)
        try:
            return future.result(deadline)
        except TimeoutError:
            if future.cancel():
                raise Unavailable("the write was not begun within its deadline", "busy") from None
            return future.result()

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self.engine.dispose()

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._gathered()
            self._commit([one for one in batch if one[1].set_running_or_notify_cancel()])

    def _gathered(self) -> tuple[list[tuple[Work[Any], Future[Any]]], bool]:
        """Wait for a write, take along what has queued up, and say whether the end was among it."""
        batch = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        """Run several writes in one transaction, and tell their callers once all of it is durable."""
        if not batch:
            return
        try:
            done = self._together(batch)
        except BaseException as error:  # noqa: BLE001  no caller may wait for ever, whatever it was
            if len(batch) > 1 and reason_of(error) not in {"busy", "read_only", "damaged"}:
                for one in batch:  # one of them may be why: each for itself
                    self._commit([one])
                return
            done = [(future, None, unavailable(error) or error) for _, future in batch]
        for future, result, failure in done:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _together(
        self, batch: list[tuple[Work[Any], Future[Any]]]
    ) -> list[tuple[Future[Any], Any, BaseException | None]]:
        """Run several writes, each undone alone if it fails; what ends the whole transaction is raised."""
        done: list[tuple[Future[Any], Any, BaseException | None]] = []
        with self.engine.begin() as connection:
            if len(batch) == 1:  # the transaction is undone as a whole: no savepoint is needed
                ((work, future),) = batch
                return [(future, work(connection), None)]
            raw: Any = connection.connection.dbapi_connection
            for work, future in batch:
                trouble: BaseException | None = None
                try:
                    with connection.begin_nested():
                        try:
                            done.append((future, work(connection), None))
                        except BaseException as error:
                            trouble = error
                            raise
                except BaseException as error:  # noqa: BLE001  it belongs to the caller of this one write
                    first = (
                        trouble or error
                    )  # SQLite may have undone everything: then there is no savepoint either
                    if reason_of(first) is not None or not raw.in_transaction:
                        raise first  # noqa: B904  what came after it is but its consequence
                    done.append((future, None, first))
        return done


def open_engines(path: Path) -> tuple[Engine, Writer]:
    """Open (or create) an SQLite file for reading and for writing; it is durable itself before the first write."""
    make_folder(path.parent)
    try:
        writing = _engine(path, "BEGIN IMMEDIATE", CHECKPOINT, pool_size=1, max_overflow=0)
        with writing.begin() as connection:  # makes the file and its write-ahead log
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").all()
        sync_folder(path.parent)  # also when the file was there: who made it may have died before this line
        with suppress(PermissionError):
            sync_folder(path.parent.parent)
    except DBAPIError as error:
        if found := unavailable(error):
            raise found from error
        raise
    # All are kept: opening one and setting it takes as long as several clicks.
    reading = _engine(path, "BEGIN", 0, pool_size=32, max_overflow=0, pool_timeout=10)
    event.listen(reading, "connect", lambda raw, _: _set(raw, query_only="ON"))
    return reading, Writer(writing)


def open_alone(path: Path) -> Engine:
    """Open an SQLite file for a migration: tables may be built anew, so foreign keys are checked at its end only."""
    engine = _engine(path, "BEGIN IMMEDIATE", CHECKPOINT, poolclass=NullPool)
    event.listen(engine, "connect", lambda raw, _: _set(raw, foreign_keys="OFF"))
    return engine


def _engine(path: Path, begin: str, checkpoint: int, **pool: Any) -> Engine:
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, module=sqlite_module(), **{"poolclass": QueuePool, **pool})

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the module's own BEGIN comes too late and may have to give up half-way
        _set(raw, **SETTINGS, wal_autocheckpoint=checkpoint)
        if checkpoint:
            mode = _set(raw, journal_mode="WAL")
            if mode != "wal":
                raise Unavailable(f"SQLite keeps a journal of kind {mode!r} in {path.parent}, not wal")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set(raw: Any, **settings: str | int) -> Any:
    """Set a fresh connection, outside any transaction, and return what the last setting has become."""
    cursor = raw.cursor()
    row = None
    for name, value in settings.items():
        row = cursor.execute(f"PRAGMA {name}={value}").fetchone()
    cursor.close()
    return row and row[0]
