"""A cohort of a million universities and a hundred indicators, counted by DuckDB, by Polars and by the engine.

Promise: equal whole numbers, and DuckDB within a gigabyte and 30 seconds of computing (15 on two free cores). About twenty minutes, most of it
the engine's, which is made for some hundred universities. `python benchmarks/soak/cohort.py`
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.cohort import Mark, bands, earned, gaps, mean, quartiles
from engine.exact import read_number
from tests.three_ways import BANDS, STATES, UNIT, Numbers, by_duckdb, by_polars

CARDS, INDICATORS, FULL = 1_000_000, 100, 1_000 * UNIT
SECONDS, MEGABYTES = 30, 1_000
"""Of computing on all cores together, which other work on the machine does not change; and of memory."""


def write(folder: Path) -> np.ndarray:
    """Write the table of marks, a file for each indicator; return the totals."""
    chance, totals = np.random.default_rng(0), np.zeros(CARDS, dtype=np.int64)
    for indicator in range(INDICATORS):
        full = (indicator % 7 + 7) * UNIT
        own = chance.integers(0, 1001, CARDS) * full // 1000
        found = np.where(chance.random(CARDS) < 0.7, own, chance.integers(0, 1001, CARDS) * full // 1000)
        state = chance.choice(3, CARDS, p=(0.9, 0.07, 0.03)).astype(np.int8)
        low = np.where(state == 0, found, 0)
        totals += low
        columns = {
            "card": np.arange(CARDS, dtype=np.int32),
            "indicator": np.full(CARDS, indicator, dtype=np.int16),
            "full": np.full(CARDS, full, dtype=np.int32),
            "self": own.astype(np.int32),
            "low": low.astype(np.int32),
            "high": np.where(state == 1, full, low).astype(np.int32),
            "state": state,
        }
        pl.DataFrame(columns).write_parquet(folder / f"{indicator:03}.parquet")
    return totals


def counted(way: str, folder: str, answer: multiprocessing.Queue) -> None:
    """Count in a process of its own, so that its memory can be told."""
    started = time.perf_counter()
    if way == "DuckDB":
        found = by_duckdb(f"read_parquet('{folder}/*.parquet')", FULL)
    else:
        found = by_polars(pl.scan_parquet(f"{folder}/*.parquet"), FULL)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime
    answer.put((found, time.perf_counter() - started, seconds, used.ru_maxrss / 1024))


def by_engine(folder: Path, totals: np.ndarray) -> Numbers:
    """Count with the engine, one indicator after the other."""
    rates: dict[int, tuple[int, int, int]] = {}
    distances: dict[int, tuple[int, int, int, int]] = {}
    for indicator in range(INDICATORS):
        name, known = str(indicator), dict[tuple[int, ...], dict[str, Mark]]()

        def card(full: int, low: int, high: int, state: int, name=name, known=known) -> dict[str, Mark]:
            key = (low, high, state)
            if key not in known:
                points = (Fraction(one, UNIT) for one in (full, low, high))
                known[key] = {name: Mark(*points, STATES[state])}
            return known[key]

        frame = pl.read_parquet(folder / f"{indicator:03}.parquet")
        rows = frame.select("full", "self", "low", "high", "state").iter_rows()
        pairs = [
            (card(full, own, own, 0), card(full, low, high, state)) for full, own, low, high, state in rows
        ]
        (rate,), (gap,) = earned([second for _, second in pairs]), gaps(pairs)
        rates[indicator] = (int(read_number(rate.rate) * 100), rate.of, rate.open)
        distances[indicator] = (
            int(read_number(gap.mean) * 100),
            int(read_number(gap.size) * 100),
            gap.of,
            gap.changed,
        )
    points = [Fraction(int(one), UNIT) for one in totals]
    middle = tuple(int(read_number(one) * UNIT) for one in quartiles(points) or ())
    whole = int(read_number(mean(points) or "0") * 100)
    return Numbers(whole, middle, bands(points, Fraction(FULL, UNIT), BANDS), rates, distances)


def main() -> int:
    """Print the table; return 1 if a promise is broken."""
    broken = []
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        totals = write(folder)
        print(f"{CARDS:,} scorecards of {INDICATORS} indicators; all totals: {int(totals.sum()):,}")
        found = {}
        for way in ("DuckDB", "Polars"):
            answer = context.Queue()
            process = context.Process(target=counted, args=(way, name, answer))
            process.start()
            found[way], took, seconds, peak = answer.get()
            process.join()
            print(f"{way:8} {took:6.1f} s, {seconds:.1f} s of computing, {peak:.0f} MB", flush=True)
            if way == "DuckDB" and (seconds > SECONDS or peak > MEGABYTES):
                broken.append(f"DuckDB took {seconds:.1f} s and {peak:.0f} MB")
        started = time.perf_counter()
        engine = by_engine(folder, totals)
        print(f"engine   {time.perf_counter() - started:6.1f} s")
        broken += [f"{way} comes to other numbers" for way, one in found.items() if one != engine]
    for one in broken:
        print(f"broken: {one}")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
