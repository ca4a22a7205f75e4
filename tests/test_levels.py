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
    "{parts: [[{points: 7, when: {c.licence: true}}], [{points: 5, when: {c.gas: true}}]], up_to: 10}": "10 7 5 0",
    "{items: [{when: {c.licence: true}}, {when: {c.gas: true}}, {when: {c.faults: 0}}], by_count: {3: 10, 2: 4}}": "10 4 0",
    "{deduct_from: 10, items: [{points: 6, when: {c.gas: true}}, {points: 3, when: {c.licence: false}}]}": "10 7 4 1 0",
    "{best_of: [[{points: 10, when: {c.licence: true}}, {points: 3}], [{points: 6, when: {c.gas: true}}]]}": "10 6 3 0",
    "{worst_of: [[{points: 10, when: {c.licence: true}}, {points: 3}], [{points: 6, when: {c.gas: true}}]]}": "10 6 3 0",
    '{best_of: [{linear: c.rate, from: ["0%", 0], to: ["100%", 10]}, [{points: 6, when: {c.gas: true}}]]}': "",
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


def test_sums_that_nobody_would_read_are_not_named():
    parts = ", ".join(f"{{points: {2**power}, when: {{c.faults: {power}}}}}" for power in range(13))
    whole = 2**13 - 1
    head = f"section: {{id: a, title: 甲区, points: {whole}}}\n"
    one = item(f"{{items: [{parts}]}}").replace("points: 10\n", f"points: {whole}\n")
    built = edition(head + one, f"total: {whole}")
    assert levels_of(built, built.every_leaf[0]) == ()
