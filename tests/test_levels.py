"""The points that a rule itself can come to."""

from itertools import product

import pytest

from engine.exact import show_points
from engine.levels import levels_of
from tests.tiny import card, edition, item

RULES = {
    "{steps: [{points: 10, when: {c.rate: {at_least: 90%}}}, {points: 4, when: {c.rate: {at_least: 60%}}}]}": "10 4 0",
    "{parts: [{points: 7, when: {c.licence: true}}, {points: 3, when: {c.gas: true}}]}": "10 7 3 0",
    "{each: c.faults, points: 2, up_to: 10}": "10 8 6 4 2 0",
    "[{points: 10, when: {c.licence: true}}]": "10 0",
    '{linear: c.rate, from: ["0%", 0], to: ["100%", 10]}': "",
}


@pytest.mark.parametrize("rule", RULES)
def test_levels_are_named_where_they_are_few(rule):
    built = edition(item(rule))
    assert levels_of(built, built.every_leaf[0]) == tuple(RULES[rule].split())


@pytest.mark.parametrize("rule", [rule for rule, levels in RULES.items() if levels])
def test_whatever_is_earned_is_a_level(rule):
    built = edition(item(rule))
    levels = levels_of(built, built.every_leaf[0])
    for passed, faults, licence, gas in product((0, 6, 9, 10), (0, 1, 3, 9), (True, False), (True, False)):
        answers = {"c.staff": 10, "c.passed": passed, "c.faults": faults, "c.licence": licence, "c.gas": gas}
        assert show_points(card(built, answers).findings["one"].low, built.per_point) in levels
