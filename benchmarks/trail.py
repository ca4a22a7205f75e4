"""How fast the trail is: writing lines, signing where it stands, proving one line, handing it out, checking it offline.

`python benchmarks/trail.py [lines]`; 10,000 lines if nothing is said, in an SQLite file and in a PostgreSQL of its own,
both deleted afterwards. What a checkpoint costs in a transaction is measured beside the same transaction without one.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from portal.checkpoint import Seal, make, sign  # noqa: E402
from portal.moment import now, text_of  # noqa: E402
from portal.signing import new_key  # noqa: E402
from portal.store.database import Database, open_store  # noqa: E402
from portal.store.tables import metadata  # noqa: E402
from portal.trail import Entry, append  # noqa: E402
from portal.trail_export import exported  # noqa: E402
from portal.trail_proof import bundle  # noqa: E402
from portal.trail_verify import verify  # noqa: E402
from tools.postgres import PostgreSQL  # noqa: E402

AT_ONCE = 1000
CHANGES, WRITERS = 400, 8


def timed(title: str, count: int, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = work()
    took = time.perf_counter() - start
    print(f"{title:<44} {took * 1000:10.1f} ms   {count / took:12,.0f} a second")
    return found


def entry(number: int) -> Entry:
    told = {"subject": "S", "fact": "canteen.staff", "version": 1, "sha256": "0" * 64}
    return Entry(f"op-{number}", f"a:{number % 168}", text_of(now()), "ACCOUNT", "claim.save", "A", told)


def changes(database: Database, seal: Seal, start: int) -> int:
    """Measure a change of one line, without a checkpoint and with one at its end, alone and by several at once."""

    def change(number: int, marked: bool) -> float:
        def work(connection: Any) -> None:
            append(connection, entry(number))
            if marked:
                make(connection, seal, text_of(now()))

        begun = time.perf_counter()
        database.write(work)
        return (time.perf_counter() - begun) * 1000

    numbers = itertools.count(start)
    for marked in (False, True):
        title = "a change of one line" + (" and its checkpoint" if marked else "")
        took = median(change(next(numbers), marked) for _ in range(CHANGES))
        print(f"{title:<44} {took:10.2f} ms")
        with ThreadPoolExecutor(WRITERS) as pool:
            begun = time.perf_counter()
            each = list(
                pool.map(lambda n, marked=marked: change(n, marked), itertools.islice(numbers, CHANGES))
            )
            whole = time.perf_counter() - begun
        rate = CHANGES / whole
        print(f"{f'  by {WRITERS} at once':<44} {median(each):10.2f} ms   {rate:12,.0f} a second")
    return next(numbers)


def measure(address: str, lines: int) -> None:
    seal = Seal(new_key(), "zhunsheng.bench/trail")
    database = open_store(address)
    print(database.kind)
    database.write(metadata.create_all)

    def write(start: int, count: int) -> None:
        database.write(lambda c: [append(c, entry(n)) for n in range(start, start + count)])

    timed(
        f"{lines:,} lines, {AT_ONCE} in a transaction",
        lines,
        lambda: [write(start, AT_ONCE) for start in range(0, lines, AT_ONCE)],
    )
    timed(
        "the first checkpoint of all of them",
        lines,
        lambda: database.write(lambda c: make(c, seal, text_of(now()))),
    )
    lines = changes(database, seal, lines)
    database.write(lambda c: make(c, seal, text_of(now())))
    with database.read() as connection:
        found = timed("the proof of one line", 1, lambda: bundle(connection, "op-7"))
        print(f"{'its size':<44} {len(found):10,} bytes")
        held = timed("the export", lines, lambda: [one.encode() for one in exported(connection)])
    report = timed("checking it offline", lines, lambda: verify(held, [seal.signer.public]))
    assert report.wrong is None, report.wrong
    timed("signatures", 2000, lambda: [sign(seal, 5, bytes(32), "x") for _ in range(2000)])
    database.close()
    print()


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        measure(str(Path(folder) / "zhunsheng.db"), lines)
    with PostgreSQL() as server:
        measure(server.address(server.create()), lines)


if __name__ == "__main__":
    main()
