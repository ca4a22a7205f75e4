"""How fast the trail is: writing lines, signing where it stands, proving one line, handing it out, checking it offline.

`python benchmarks/trail.py [lines]`; 20,000 lines if nothing is said, in an SQLite file that is deleted afterwards.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from portal.checkpoint import Seal, make, sign  # noqa: E402
from portal.moment import now, text_of  # noqa: E402
from portal.signing import new_key  # noqa: E402
from portal.store.database import open_store  # noqa: E402
from portal.store.tables import metadata  # noqa: E402
from portal.trail import Entry, append  # noqa: E402
from portal.trail_export import exported  # noqa: E402
from portal.trail_proof import bundle  # noqa: E402
from portal.trail_verify import verify  # noqa: E402

AT_ONCE = 1000


def timed(title: str, count: int, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = work()
    took = time.perf_counter() - start
    print(f"{title:<44} {took * 1000:10.1f} ms   {count / took:12,.0f} a second")
    return found


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seal = Seal(new_key(), "zhunsheng.bench/trail")
    with tempfile.TemporaryDirectory() as folder:
        database = open_store(str(Path(folder) / "zhunsheng.db"))
        database.write(metadata.create_all)

        def entry(number: int) -> Entry:
            told = {"subject": "S", "fact": "canteen.staff", "version": 1, "sha256": "0" * 64}
            chain = f"a:{number % 168}"
            return Entry(f"op-{number}", chain, text_of(now()), "ACCOUNT", "claim.save", "A", told)

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
        start = time.perf_counter()
        for number in range(50):
            write(lines + number, 1)
            database.write(lambda c: make(c, seal, text_of(now())))
        took = (time.perf_counter() - start) / 50
        print(f"{'a change of state: one line, one checkpoint':<44} {took * 1000:10.1f} ms")
        with database.read() as connection:
            found = timed("the proof of one line", 1, lambda: bundle(connection, "op-7"))
            print(f"{'its size':<44} {len(found):10,} bytes")
            held = timed("the export", lines, lambda: [one.encode() for one in exported(connection)])
        report = timed("checking it offline", lines, lambda: verify(held, [seal.signer.public]))
        assert report.wrong is None
        timed("signatures", 2000, lambda: [sign(seal, 5, bytes(32), "x") for _ in range(2000)])
        database.close()


if __name__ == "__main__":
    main()
