"""Backups beside writers: how much they slow the writers down, and how long a store of 200,000 rows takes.

Promises: a backup of 200,000 rows is made, and restored with everything verified, within 30 seconds each, and what was
acknowledged before it began is in it; writers go on meanwhile. Moving everything to another store is measured along.
"""

import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert, select  # noqa: E402

from engine.load import texts  # noqa: E402
from portal.archive import bring_in, examine, export  # noqa: E402
from portal.backup import back_up  # noqa: E402
from portal.refusal import Refusal  # noqa: E402
from portal.restore import restore_postgresql, restore_sqlite  # noqa: E402
from portal.store import migrate  # noqa: E402
from portal.store.blobs import Folder  # noqa: E402
from portal.store.database import open_store  # noqa: E402
from portal.store.tables import log, universities  # noqa: E402
from portal.trail import Entry, append  # noqa: E402
from tools.postgres import PostgreSQL  # noqa: E402

ROWS = 200_000
LIMIT = 30.0
AT = "2026-11-26T00:00:00.000000Z"
WRITERS = 4


class Writers:
    """Threads that go on writing lines of the trail; `done` counts what was acknowledged."""

    def __init__(self, database):
        self.database, self.done, self.end = database, [], threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, name):
        number = 0
        while not self.end.is_set():
            op = f"{id(self)}-{name}-{number}"
            line = Entry(op, f"w{name}", AT, "somebody", "round.manage", "R1", {})
            self.database.write(lambda connection, line=line: append(connection, line))
            self.done.append(op)
            number += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()

    def rate(self, seconds):
        """Return writes per second over some time."""
        before, start = len(self.done), time.perf_counter()
        self.end.wait(seconds)
        return (len(self.done) - before) / (time.perf_counter() - start)


def rows():
    return [
        {"id": f"U{number:025}", "code": str(number), "title": f"大学 {number}", "created_at": AT}
        for number in range(ROWS)
    ]


@contextmanager
def timed(name, times):
    start = time.perf_counter()
    yield
    times[name] = time.perf_counter() - start


def measure(kind, address, folder):
    database = open_store(address)
    migrate.upgrade(database)
    database.write(lambda connection: connection.execute(insert(universities), rows()), 120)
    blobs, times = Folder(folder / "evidence"), {}
    for number in range(50):
        blobs.put([f"evidence {number}".encode() * 2000])
    with Writers(database) as writers:
        alone = writers.rate(3)
        acknowledged, begun = list(writers.done), len(writers.done)
        with timed("backup", times):
            made = back_up(database, address, blobs, texts(ROOT), folder / "backups")
        beside = (len(writers.done) - begun) / times["backup"]
    assert not isinstance(made, Refusal), made
    with timed("export", times):
        assert not isinstance(export(database, blobs, folder / "all.tar"), Refusal)
    database.close()
    with timed("restore", times):
        found = (
            restore_sqlite(Path(address), blobs, made.folder)
            if kind == "sqlite"
            else restore_postgresql(address, blobs, made.folder)
        )
    assert not isinstance(found, Refusal), found
    database = open_store(address)
    with database.read() as connection:
        there = set(connection.execute(select(log.c.op_id)).scalars())
    database.close()
    other = open_store(str(folder / "other" / "zhunsheng.db"))
    migrate.upgrade(other)
    with timed("import", times):
        assert bring_in(examine(folder / "all.tar"), other, Folder(folder / "other" / "evidence")) is None
    other.close()
    lost = set(acknowledged) - there
    print(
        f"{kind:10}  backup {times['backup']:5.1f} s, restore and verify {times['restore']:5.1f} s, "
        f"export {times['export']:5.1f} s, import {times['import']:5.1f} s  ({ROWS:,} rows); "
        f"writers at {beside / alone:.0%} of their pace; {len(acknowledged):,} acknowledged before, {len(lost)} lost"
    )
    return not lost and times["backup"] < LIMIT and times["restore"] < LIMIT


def main():
    kept = []
    with tempfile.TemporaryDirectory(prefix="zs-bench-") as name:
        kept.append(measure("sqlite", str(Path(name) / "data" / "zhunsheng.db"), Path(name)))
    with tempfile.TemporaryDirectory(prefix="zs-bench-") as name, PostgreSQL() as server:
        kept.append(measure("postgresql", server.address(server.create()), Path(name)))
    if not all(kept):
        print(f"broken: an answer was lost, or {LIMIT:.0f} s were not enough")
        sys.exit(1)


main()
