# ruff: noqa: S608  all SQL here is of our own words
"""The numbers of a cohort in three ways: by the engine in Python, by DuckDB in SQL, and by Polars in columns.

All start from one table of marks, a row for each indicator of each scorecard, in whole units of a ten-thousandth of a
point, and come to whole numbers: hundredths of a point or of a percent, rounded half up once, at the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import duckdb
import polars as pl

from engine.cohort import Mark, bands, earned, gaps, mean, quartiles, read_marks
from engine.exact import half_up, read_number, show_points

UNIT = 10_000
BANDS = 10
COLUMNS = ("card", "indicator", "full", "self", "low", "high", "state")
"""What a row says: whose, which, full points, stated and found points (least and most), and the state of the finding."""

STATES = ("settled", "open", "absent")
Row = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True)
class Numbers:
    """What a cohort page shows, as whole numbers; by indicator: (rate, of, open), and (mean, size, of, changed)."""

    mean: int
    quartiles: tuple[int, int, int]
    bands: tuple[int, ...]
    earned: Mapping[int, tuple[int, int, int]]
    gaps: Mapping[int, tuple[int, int, int, int]]


# By the engine ------------------------------------------------------------------------------------------------------


def _marks(full: int, low: int, high: int, state: int) -> list[str]:
    return [*(show_points(one, UNIT) for one in (full, low, high)), STATES[state]]


def by_engine(rows: Iterator[Row], full: int) -> Numbers:
    """Count with the functions of `engine/cohort.py`, from the texts that are kept beside scorecards."""
    found: dict[int, dict[str, list[str]]] = {}
    stated: dict[int, dict[str, list[str]]] = {}
    totals: dict[int, int] = {}
    for card, indicator, most, own, low, high, state in rows:
        found.setdefault(card, {})[str(indicator)] = _marks(most, low, high, state)
        stated.setdefault(card, {})[str(indicator)] = _marks(most, own, own, 0)
        totals[card] = totals.get(card, 0) + low
    cards, own_cards = ({name: read_marks(one) for name, one in some.items()} for some in (found, stated))
    return counted(list(totals.values()), [(own_cards[name], cards[name]) for name in cards], full)


def counted(
    totals: list[int], pairs: list[tuple[Mapping[str, Mark], Mapping[str, Mark]]], full: int
) -> Numbers:
    """Count totals and pairs of stated and found marks with the engine."""
    points = [Fraction(one, UNIT) for one in totals]
    rates, distances = earned([second for _, second in pairs]), gaps(pairs)
    return Numbers(
        _whole(str(mean(points)), 100),
        tuple(_whole(one, UNIT) for one in quartiles(points) or ()),
        bands(points, Fraction(full, UNIT), BANDS),
        {int(one.indicator): (_whole(one.rate, 100), one.of, one.open) for one in rates},
        {
            int(one.indicator): (_whole(one.mean, 100), _whole(one.size, 100), one.of, one.changed)
            for one in distances
        },
    )


def _whole(text: str, unit: int) -> int:
    number = read_number(text) * unit
    assert number.denominator == 1, text
    return int(number)


# By DuckDB ----------------------------------------------------------------------------------------------------------

MACROS = """
SET enable_progress_bar = false;
CREATE OR REPLACE TEMP MACRO floored(top, bottom) AS (top - ((top % bottom) + bottom) % bottom) // bottom;
CREATE OR REPLACE TEMP MACRO half_up(top, bottom) AS floored(2 * top + bottom, 2 * bottom);
"""


def by_duckdb(source: str, full: int, *, memory: str = "800MB", threads: int = 2) -> Numbers:
    """Count in SQL; `source` is what stands behind FROM. Sums are HUGEINT, so nothing wraps."""
    with duckdb.connect(config={"memory_limit": memory, "threads": threads}) as connection:
        connection.execute(MACROS)
        connection.execute(
            f"CREATE TEMP TABLE totals AS SELECT sum(low) AS total FROM {source} GROUP BY card"
        )
        (cards, average) = _row(
            connection, f"SELECT count(*), half_up(sum(total) * 100, count(*) * {UNIT}) FROM totals"
        )
        ranks = [max(0, half_up(quarter * cards, 4) - 1) for quarter in (1, 2, 3)]
        found = connection.execute(
            "SELECT total FROM (SELECT total, row_number() OVER (ORDER BY total) - 1 AS place FROM totals)"
            f" WHERE place IN {tuple(ranks)!r} ORDER BY place"
        ).fetchall()
        by_rank = dict(zip(sorted(set(ranks)), (int(total) for (total,) in found), strict=True))
        place = f"least({BANDS - 1}, greatest(0, floored(total * {BANDS}, {full})))"
        counts = dict(connection.execute(f"SELECT {place}, count(*) FROM totals GROUP BY 1").fetchall())
        rows = connection.execute(
            f"""
            SELECT indicator, half_up(sum(low) FILTER (sure) * 10000, count(*) FILTER (sure) * any_value("full")),
                count(*) FILTER (sure), count(*) FILTER (state = 1),
                half_up(sum(low - self) FILTER (sure) * 100, count(*) FILTER (sure) * {UNIT}),
                half_up(sum(abs(low - self)) FILTER (sure) * 100, count(*) FILTER (sure) * {UNIT}),
                count(*) FILTER (sure AND low <> self)
            FROM (SELECT *, state = 0 AND low = high AS sure FROM {source}) GROUP BY indicator
            HAVING count(*) FILTER (sure) > 0
            """
        ).fetchall()
    return Numbers(
        int(average),
        tuple(by_rank[one] for one in ranks),
        tuple(counts.get(one, 0) for one in range(BANDS)),
        {one: (int(rate), of, waiting) for one, rate, of, waiting, *_ in rows},
        {one: (int(middle), int(size), of, moved) for one, _, of, _, middle, size, moved in rows},
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found[0], found[1]


# By Polars ----------------------------------------------------------------------------------------------------------


def _rounded(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    return (top * 2 + bottom) // (bottom * 2)


def by_polars(table: pl.LazyFrame, full: int) -> Numbers:
    """Count in columns, all of them 64 bits wide before anything is added up."""
    wide = table.with_columns(pl.col(name).cast(pl.Int64) for name in COLUMNS)
    totals = (
        wide.group_by("card")
        .agg(pl.col("low").sum().alias("total"))
        .select("total")
        .collect(engine="streaming")
    )
    ordered = totals["total"].sort()
    cards, place = len(ordered), pl.col("total") * BANDS // full
    counts = dict(totals.select(place.clip(0, BANDS - 1).alias("band"))["band"].value_counts().iter_rows())
    of, sure = pl.len().cast(pl.Int64), pl.col("state").eq(0) & pl.col("low").eq(pl.col("high"))
    gap = pl.col("low") - pl.col("self")
    by_indicator = (
        wide.filter(sure)
        .group_by("indicator")
        .agg(
            _rounded(pl.col("low").sum() * 10_000, of * pl.col("full").first()).alias("rate"),
            of.alias("of"),
            _rounded(gap.sum() * 100, of * UNIT).alias("mean"),
            _rounded(gap.abs().sum() * 100, of * UNIT).alias("size"),
            gap.ne(0).sum().alias("changed"),
        )
        .collect(engine="streaming")
    )
    waiting = dict(
        wide.filter(pl.col("state") == 1)
        .group_by("indicator")
        .agg(pl.len())
        .collect(engine="streaming")
        .iter_rows()
    )
    return Numbers(
        half_up(int(ordered.sum()) * 100, cards * UNIT),
        tuple(int(ordered[max(0, half_up(quarter * cards, 4) - 1)]) for quarter in (1, 2, 3)),
        tuple(counts.get(one, 0) for one in range(BANDS)),
        {
            row["indicator"]: (row["rate"], row["of"], waiting.get(row["indicator"], 0))
            for row in by_indicator.to_dicts()
        },
        {
            row["indicator"]: (row["mean"], row["size"], row["of"], row["changed"])
            for row in by_indicator.to_dicts()
        },
    )
