"""A disk that remembers, and what is left of it when the power fails.

Killing a process proves nothing about power: what it wrote is kept by the system. Here the portal's own store runs on an
SQLite whose file layer notes every write, sync, truncation, creation and deletion. Then the power fails at any point of
that record, thousands of times: what was not synced is there, not there, there in parts of 512 bytes, in any order;
names of files likewise, until their folder was synced. SQLite's own syncs of folders are left out of account, unless
asked for: not every system does them.
"""

import dataclasses
import os
import random
import threading
from pathlib import Path
from types import SimpleNamespace

import apsw
import saving

from portal.store import sqlite
from portal.store.database import open_store
from portal.store.tables import log, metadata

SECTOR = 512


# ------------------------------------------------------------------------------------------------- the disk that remembers


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened to the disk, or an answer that was acknowledged: (kind, file or folder or operation, …)."""

    kind: str
    name: str
    offset: int = 0
    data: bytes = b""


class Disk(apsw.VFS):
    """SQLite's file layer with a memory. There may be several, each with a name of its own."""

    def __init__(self, *, lenient=False):
        self.name, self.lenient = f"remembering-{id(self)}", lenient
        self.events: list[Event] = []
        super().__init__(self.name, "")

    def note(self, kind, name, offset=0, data=b""):
        self.events.append(Event(kind, str(name), offset, data))

    def xOpen(self, name, flags):  # noqa: N802  apsw calls it so
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is not None and not Path(path).exists():
            self.note("create", path)
        return File(self, name, flags, path)

    def xDelete(self, name, sync_folder):  # noqa: N802
        super().xDelete(name, sync_folder)
        self.note("delete", name)
        if sync_folder:
            self.folder_synced(name)

    def folder_synced(self, path):
        """SQLite has synced the folder of a file itself."""
        if self.lenient:
            self.note("sync-folder", Path(path).parent)


class File(apsw.VFSFile):
    """A file whose changes are noted."""

    def __init__(self, disk, name, flags, path):
        super().__init__("", name, flags)
        self.disk, self.path = disk, path
        self._named = path is None or not path.endswith(("-wal", "-journal"))

    def _note(self, kind, offset=0, data=b""):
        if self.path is not None:
            self.disk.note(kind, self.path, offset, data)

    def xWrite(self, data, offset):  # noqa: N802
        super().xWrite(data, offset)
        self._note("write", offset, bytes(data))

    def xTruncate(self, size):  # noqa: N802
        super().xTruncate(size)
        self._note("truncate", size)

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self._note("sync")
        if (
            not self._named
        ):  # with its first sync SQLite makes the name of a log durable, not that of the database
            self.disk.folder_synced(self.path)
            self._named = True


# ------------------------------------------------------------------------------ apsw as SQLAlchemy expects an SQLite to be


class Connection:
    """As much of a database connection as SQLAlchemy asks for."""

    def __init__(self, disk, path):
        self._inner = apsw.Connection(path, vfs=disk.name)
        self.isolation_level = None

    @property
    def in_transaction(self):
        return self._inner.in_transaction

    def cursor(self):
        return Cursor(self._inner)

    def commit(self):
        if self._inner.in_transaction:
            self._inner.execute("COMMIT")

    def rollback(self):
        if self._inner.in_transaction:
            self._inner.execute("ROLLBACK")

    def close(self):
        self._inner.close()

    def create_function(self, *_arguments, **_options):
        pass


class Cursor:
    """As much of a cursor as SQLAlchemy asks for."""

    arraysize = 1

    def __init__(self, connection):
        self._connection = connection
        self.description, self.rowcount, self.lastrowid, self._rows = None, -1, None, []

    def execute(self, statement, parameters=()):
        cursor = self._connection.cursor()
        self.description = None

        def described(inner, _statement, _bindings):
            self.description = inner.get_description() and [
                (name, None, None, None, None, None, None) for name, _ in inner.get_description()
            ]
            return True

        cursor.exec_trace = described
        self._rows = list(cursor.execute(statement, tuple(parameters)))
        self.rowcount = self._connection.changes()
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def executemany(self, statement, many):
        for parameters in many:
            self.execute(statement, parameters)

    def fetchone(self):
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size=1):
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self):
        return self.fetchmany(len(self._rows))

    def close(self):
        self._rows = []


def module_on(disk):
    """Return a module like sqlite3 whose databases lie on the disk that remembers."""
    error = apsw.Error
    return SimpleNamespace(
        connect=lambda path, **_options: Connection(disk, path),
        paramstyle="qmark",
        sqlite_version=apsw.sqlite_lib_version(),
        sqlite_version_info=tuple(int(part) for part in apsw.sqlite_lib_version().split(".")),
        **dict.fromkeys(
            (
                "Error",
                "DatabaseError",
                "DataError",
                "IntegrityError",
                "InterfaceError",
                "InternalError",
                "NotSupportedError",
                "OperationalError",
                "ProgrammingError",
            ),
            error,
        ),
    )


# ------------------------------------------------------------------------------------------------------- what is recorded


def record(
    folder: Path, monkeypatch, *, writers=4, saves=12, sync_folders=True, lenient=False
) -> tuple[list[Event], str]:
    """Open a store in a folder that is not there yet, save answers, close it, go on; return all that the disk saw."""
    disk = Disk(lenient=lenient)
    path = folder / "data" / "zhunsheng.db"

    def synced(place):
        if sync_folders:
            disk.note("sync-folder", place)

    real = Path.mkdir

    def made(place, *arguments, **options):
        if not place.exists():
            disk.note("create-folder", place)
        real(place, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "sqlite_module", lambda: module_on(disk))
        patched.setattr(sqlite, "sync_folder", synced)
        patched.setattr(Path, "mkdir", made)
        patched.setattr(
            sqlite, "CHECKPOINT", 20
        )  # the log is moved into the file many times in a short record
        database = open_store(str(path))
        database.write(metadata.create_all)
        places = saving.seats(database, writers, assessments_count=2)
        for first in (1, saves + 1):
            threads = [
                threading.Thread(target=_save, args=(database, disk, places, number, first, saves))
                for number in range(writers)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            database.close()  # the log is moved and deleted, and made anew
            database = open_store(str(path))
        database.close()
    return disk.events, str(path)


def _save(database, disk, places, number, first, saves):
    for step in range(first, first + saves):
        saving.write(database, places, number, step)
        disk.note("acknowledged", f"{number}-{step}")


# ------------------------------------------------------------------------------------------------------ the power fails


class Content:
    """A file without its name: what is certainly on the disk, and what may be."""

    def __init__(self):
        self.durable, self.pending = bytearray(), []

    def sync(self):
        for event in self.pending:
            _apply(self.durable, event, event.data)
        self.pending = []

    def after(self, chance):
        """Return what may be there after the power failed."""
        image, mood = bytearray(self.durable), chance.choice(("nothing", "all", "some", "torn"))
        for event in self.pending:
            if mood == "all" or (mood == "some" and chance.random() < 0.5):
                _apply(image, event, event.data)
            elif mood == "torn" and event.kind == "write":
                for start in range(0, len(event.data), SECTOR):
                    if chance.random() < 0.5:
                        _write(image, event.offset + start, event.data[start : start + SECTOR])
            elif mood == "torn" and chance.random() < 0.5:
                _apply(image, event, b"")
        return bytes(image)


def _apply(image, event, data):
    if event.kind == "write":
        _write(image, event.offset, data)
    elif event.offset < len(image):
        del image[event.offset :]


def _write(image, offset, data):
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


class Machine:
    """The disk as it goes through a record."""

    def __init__(self):
        self.names: dict[str, Content] = {}
        self.durable: dict[str, Content] = {}
        self.changes: list[tuple[str, Content | None]] = []  # of names, since their folder was synced
        self.new_folders: set[str] = set()
        self.acknowledged: set[str] = set()

    def go(self, event: Event):
        if event.kind == "create":
            self.names[event.name] = Content()
            self.changes.append((event.name, self.names[event.name]))
        elif event.kind == "delete":
            self.names.pop(event.name, None)
            self.changes.append((event.name, None))
        elif event.kind == "create-folder":
            self.new_folders.add(event.name)
        elif event.kind == "sync-folder":
            self._sync_folder(event.name)
        elif event.kind == "acknowledged":
            self.acknowledged.add(event.name)
        elif event.kind == "sync":
            self.names[event.name].sync()
        else:
            self.names[event.name].pending.append(event)

    def _sync_folder(self, folder):
        self.new_folders = {name for name in self.new_folders if os.path.dirname(name) != folder}  # noqa: PTH120
        for name, content in [one for one in self.changes if os.path.dirname(one[0]) == folder]:  # noqa: PTH120
            _rename(self.durable, name, content)
            self.changes.remove((name, content))

    def after(self, chance) -> dict[str, bytes]:
        """Return the files that may be there after the power failed now."""
        names, mood = dict(self.durable), chance.choice(("none", "all", "some"))
        for name, content in self.changes:
            if mood == "all" or (mood == "some" and chance.random() < 0.5):
                _rename(names, name, content)
        if self.new_folders and chance.random() < 0.5:
            return {}
        return {name: content.after(chance) for name, content in names.items()}


def _rename(names, name, content):
    if content is None:
        names.pop(name, None)
    else:
        names[name] = content


@dataclasses.dataclass
class Toll:
    """What so many power cuts have cost."""

    cuts: int = 0
    losing: int = 0
    most_lost: int = 0
    damaged: int = 0


def fail(
    events: list[Event], database: str, folder: Path, *, cuts: int, seed: int = 0, stop_at_first=False
) -> Toll:
    """Let the power fail at `cuts` points of a record, look at what is left each time, and add it up."""
    chance = random.Random(seed)  # noqa: S311  no secret
    points = sorted(chance.randrange(len(events) + 1) for _ in range(cuts))
    machine, toll, done = Machine(), Toll(), 0
    for point in points:
        while done < point:
            machine.go(events[done])
            done += 1
        lost, damaged = _left(machine, chance, database, folder)
        toll.cuts += 1
        toll.losing += lost > 0
        toll.most_lost = max(toll.most_lost, lost)
        toll.damaged += damaged
        if stop_at_first and (lost or damaged):
            break
    return toll


def _left(machine, chance, database, folder) -> tuple[int, bool]:
    """Start the machine again: how many acknowledged answers are lost, and is the file damaged?"""
    for old in folder.iterdir():
        old.unlink()
    for name, content in machine.after(chance).items():
        (folder / os.path.basename(name)).write_bytes(content)  # noqa: PTH119
    path = folder / os.path.basename(database)  # noqa: PTH119
    connection = sqlite.sqlite_module().connect(str(path))
    try:
        connection.execute("PRAGMA synchronous=OFF")
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return 0, True
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'log'").fetchone():
            return len(machine.acknowledged), False
        there = {op for (op,) in connection.execute(f"SELECT {log.c.op_id.name} FROM {log.name}")}  # noqa: S608
        return len(machine.acknowledged - there), False
    except sqlite.sqlite_module().DatabaseError:
        return 0, True
    finally:
        connection.close()
