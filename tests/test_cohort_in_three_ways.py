"""Python, DuckDB and Polars count a large cohort to the same whole numbers, also beyond 32 bits."""

import csv
import random

import polars as pl
import pytest

from tests.three_ways import COLUMNS, UNIT, Numbers, by_duckdb, by_engine, by_polars

CARDS, INDICATORS = 1_000, 100
FULL = 1_000 * UNIT


def rows(cards=CARDS, seed=0):
    """Make up a round of a thousand scorecards: 100,000 marks, some open, some absent, some changed by the panel."""
    chance = random.Random(seed)  # noqa: S311  no secret
    for card in range(cards):
        for indicator in range(INDICATORS):
            full = (indicator % 7 + 7) * UNIT
            own = chance.choice(((full, full, full // 2), (0, full // 3))[indicator % 2])
            state = chance.choices((0, 1, 2), (90, 7, 3))[0]
            low = own if chance.random() < 0.7 else full * chance.randrange(1001) // 1000
            yield (
                card,
                indicator,
                full,
                own,
                0 if state else low,
                full if state == 1 else 0 if state else low,
                state,
            )


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Hand the marks out as a file that any program reads."""
    path = tmp_path_factory.mktemp("marks") / "marks.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(rows())
    return path


def duckdb_of(path):
    types = ", ".join(f"'{name}': 'BIGINT'" for name in COLUMNS)
    return by_duckdb(f"read_csv('{path}', columns={{{types}}})", FULL)


def test_a_hundred_thousand_marks_come_to_the_same_numbers(table):
    one = by_engine(rows(), FULL)
    assert isinstance(one, Numbers)
    assert (len(one.earned), len(one.gaps), sum(one.bands)) == (INDICATORS, INDICATORS, CARDS)
    assert min(mean for mean, *_ in one.gaps.values()) < 0 < max(mean for mean, *_ in one.gaps.values())
    assert duckdb_of(table) == one
    assert by_polars(pl.scan_csv(table), FULL) == one


def test_sums_are_beyond_32_bits_and_would_wrap_there(table):
    """Ten-thousandths of points of a thousand universities: with columns of 32 bits Polars is silently wrong."""
    low = pl.read_csv(table)["low"]
    exact = sum(row[4] for row in rows())
    assert exact > 2**31
    assert low.cast(pl.Int64).sum() == exact
    assert low.cast(pl.Int32).sum() != exact


def test_one_mark_that_is_another_is_seen_by_all_three(tmp_path):
    few = list(rows(5, seed=1))
    at = next(place for place, row in enumerate(few) if row[6] == 0 and row[4] > UNIT)
    other = [*few[:at], (*few[at][:4], few[at][4] - UNIT, few[at][5] - UNIT, 0), *few[at + 1 :]]
    for one in (few, other):
        frame = pl.DataFrame(one, schema=list(COLUMNS), orient="row")
        frame.write_csv(tmp_path / "marks.csv")
        said = by_engine(iter(one), FULL)
        assert by_polars(frame.lazy(), FULL) == duckdb_of(tmp_path / "marks.csv") == said
    assert by_engine(iter(few), FULL) != said
