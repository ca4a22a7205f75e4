"""Intervals where parts share facts, and where there are too many cases to try."""

import pytest

import engine.cases
from tests.tiny import card, edition, item, span

EITHER = (
    "{items: [{points: 6, when: {c.faults: {at_least: 5}}}, {points: 4, when: {c.faults: {less_than: 5}}}]}"
)
WORSE = "{worst_of: [{linear: c.share, from: [0%, 0], to: [100%, 10]}, {linear: c.share, from: [0%, 10], to: [100%, 0]}]}"
COUNTED = (
    "{items: [{when: {c.faults: {at_least: 5}}}, {when: {c.faults: {at_most: 2}}}], by_count: {1: 4, 2: 10}}"
)


def test_parts_that_share_a_fact_are_taken_together() -> None:
    assert span(card(edition(item(EITHER)), {})) == (4, 6)


def test_counted_conditions_that_share_a_fact_are_taken_together() -> None:
    assert span(card(edition(item(COUNTED)), {})) == (0, 4)


def test_independent_counted_conditions_reach_every_count_between() -> None:
    score = "{items: [{when: {c.licence: true}}, {when: {c.gas: true}}, {when: {c.kind: 自营}}], by_count: {1: 4, 3: 10}}"
    of = edition(item(score))
    assert span(card(of, {})) == (0, 10)
    assert span(card(of, {"c.licence": True})) == (4, 10)
    assert span(card(of, {"c.licence": False, "c.gas": True})) == (4, 4)


def test_yardsticks_that_share_nothing_are_taken_one_by_one() -> None:
    score = "{best_of: [{points: 6, when: {c.licence: true}}, {points: 10, when: {c.gas: true}}]}"
    of = edition(item(score))
    assert span(card(of, {})) == (0, 10)
    assert span(card(of, {"c.licence": True})) == (6, 10)
    assert span(card(of, {"c.gas": True})) == (10, 10)


def test_what_is_left_of_a_full_mark() -> None:
    of = edition(
        item("{deduct_from: 10, items: [{each: c.faults, points: 2}, {points: 3, when: {c.licence: false}}]}")
    )
    assert span(card(of, {})) == (0, 10)
    assert span(card(of, {"c.faults": 3})) == (1, 4)


@pytest.mark.parametrize("score", [EITHER, WORSE, COUNTED])
def test_past_the_limit_of_cases_the_interval_is_wide_but_never_wrong(
    score: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = edition(item(score))
    low, high = span(card(of, {}))
    monkeypatch.setattr(engine.cases, "MOST_CASES", 0)
    wide_low, wide_high = span(card(of, {}))
    assert wide_low <= low <= high <= wide_high
    assert (wide_low, wide_high) == (0, 10)
