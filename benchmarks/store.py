"""How many answers a second are saved durably, by 1, 10 and 50 people at once, on both stores, and who has to wait?

Everything is measured in one run; ratios are to SQLite as it is used, with as many people. One save is what it is in a
use case: look whether it was done, change the answer if it is still the one it is based on, keep its history, write the
line of the trail, and hear that it is durable. The promise: nobody hears an error, nothing is lost or doubled, and the
slowest saves at least half as often as the mean. `python benchmarks/store.py`
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portal"))

import saving

from portal.store import sqlite
from portal.store.database import Database, open_store
from portal.store.migrate import upgrade
from tools.postgres import PostgreSQL, is_here

SECONDS = 2.5
WRITERS = (1, 10, 50)


def measured(database: Database, writers: int) -> tuple[list[list[float]], list[str]]:
    """Let so many people save for a while; return how long each save took, by person, and what went wrong."""
    places = saving.seats(database, writers, assessments_count=max(1, writers // 5))
    took: list[list[float]] = [[] for _ in places]
    errors: list[str] = []
    end = time.perf_counter() + SECONDS

    def writer(number: int) -> None:
        while (start := time.perf_counter()) < end:
            try:
                saving.write(database, places, number, len(took[number]) + 1)
            except Exception as error:  # noqa: BLE001  whatever a person would have seen
                errors.append(f"{type(error).__name__}: {str(error)[:60]}")
            else:
                took[number].append(time.perf_counter() - start)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, errors + saving.wrongs(database, places, [len(one) for one in took])


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Database]:
    """Open a fresh SQLite store."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        database = open_store(str(Path(name) / "zhunsheng.db"))
        upgrade(database)
        yield database
        database.close()


@contextmanager
def without_a_writer(folder: Path) -> Iterator[Database]:
    """Open a fresh SQLite store as most programs do."""
    with on_sqlite(folder) as prepared:
        plain = saving.Plain(prepared.engine.url.database)
        yield Database(prepared.engine, plain)
        plain.close()


@contextmanager
def on_postgresql(server: PostgreSQL) -> Iterator[Database]:
    """Open a fresh PostgreSQL store."""
    database = open_store(server.address(server.create()))
    upgrade(database)
    yield database
    database.close()


def main() -> int:
    """Print the table; return 1 if a promise is broken."""
    broken: list[str] = []
    base: dict[int, float] = {}
    print(
        f"{'':38} {'people':>6} {'saves/s':>8} {'ratio':>6} {'p50 ms':>8} {'p99 ms':>8} {'slowest/mean':>12}"
    )

    def line(
        name: str, opened: AbstractContextManager[Database], writers: int, fairness: float | None
    ) -> None:
        with opened as database:
            took, errors = measured(database, writers)
        times = sorted(one for person in took for one in person)
        rate, fair = len(times) / SECONDS, min(map(len, took)) / statistics.mean(map(len, took))
        ratio = rate / base.setdefault(writers, rate)
        p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
        print(f"{name:38} {writers:6} {rate:8.0f} {ratio:6.2f} {p50:8.1f} {p99:8.1f} {fair:12.2f}")
        if errors:
            print(f"    {len(errors)} errors, the first: {errors[0]}")
        if fairness is not None and (errors or fair < fairness):
            broken.append(f"{name}, {writers} people")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for writers in WRITERS:
            line("SQLite, as it is used", on_sqlite(folder), writers, 0.5)
        with mock.patch.dict(sqlite.SETTINGS, synchronous="NORMAL"):
            line("  forgetful (synchronous=NORMAL)", on_sqlite(folder), 50, 0)
        with mock.patch.object(sqlite, "BATCH", 1):
            line("  one commit each", on_sqlite(folder), 50, 0)
        line("  without the one writer", without_a_writer(folder), 50, None)
    if is_here():
        with PostgreSQL(durable=True) as server:
            for writers in WRITERS:
                line("PostgreSQL, as it is used", on_postgresql(server), writers, 0.5)
    for one in broken:
        print(f"broken: {one}")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
