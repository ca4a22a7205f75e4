"""Cases: what a rule can lead to while facts are open."""

from engine.cases import World, cases, decide, settled
from engine.tree import Leaf
from tests.tiny import card, edition, item


def leaf_and_world(score: str, answers: dict[str, object] | None = None) -> tuple[Leaf, World]:
    of = edition(item(score))
    return of.leaves[0], card(of, answers or {}).world


def points_of(score: str, answers: dict[str, object] | None = None) -> list[tuple[int, int]]:
    leaf, world = leaf_and_world(score, answers)
    return [(low, high) for _, low, high in cases(leaf.node, world)]


def test_a_ladder_has_one_case_for_each_line_and_one_for_none() -> None:
    ladder = "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]"
    assert points_of(ladder) == [(1000, 1000), (400, 400), (0, 0)]
    assert points_of(ladder, {"c.staff": 10}) == [(1000, 1000), (400, 400), (0, 0)]
    assert points_of(ladder, {"c.staff": 3}) == [(1000, 1000), (0, 0)]
    assert points_of(ladder, {"c.passed": 49}) == [(1000, 1000)]


def test_a_staircase_has_a_case_for_each_level_unless_it_is_fine() -> None:
    assert points_of("{each: c.faults, points: 5, up_to: 10}") == [(1000, 1000), (500, 500), (0, 0)]
    assert points_of("{linear: c.share, from: [0%, 0], to: [100%, 10]}") == [(0, 1000)]
    assert points_of("{linear: c.rate, from: [0%, 0], to: [100%, 10]}", {"c.staff": 0}) == [(0, 1000)]


def test_parts_are_tried_together() -> None:
    parts = "{best_of: [{points: 10, when: {c.licence: true}}, {points: 4, when: {c.gas: true}}]}"
    assert sorted(points_of(parts)) == [(0, 0), (400, 400), (1000, 1000), (1000, 1000)]
    taken = (
        "{deduct_from: 10, items: [{points: 6, when: {c.licence: false}}, {points: 6, when: {c.gas: false}}]}"
    )
    assert sorted(points_of(taken)) == [(0, 0), (400, 400), (400, 400), (1000, 1000)]
    counted = "{items: [{when: {c.licence: true}}, {when: {c.kind: 自营}}], by_count: {1: 4, 2: 10}}"
    assert sorted(points_of(counted)) == [(0, 0), (400, 400), (400, 400), (1000, 1000)]


def test_equal_and_not_equal_fork_three_ways() -> None:
    leaf, world = leaf_and_world("[{points: 10, when: {not: {c.faults: 3}}}]")
    when = leaf.node.rungs[0].when  # type: ignore[union-attr]
    assert sorted(held for _, held in decide(when, world)) == [False, True, True]
    assert settled(when, world) is None
    assert (
        settled(when, card(edition(item("[{points: 10, when: {c.gas: true}}]")), {"c.faults": 3}).world)
        is False
    )


def test_a_bound_between_facts_ties_them() -> None:
    leaf, world = leaf_and_world("[{points: 10, when: {c.passed: {more_than: 40}}}]")
    assert world.open(leaf.node) == {"c.passed", "c.staff"}
    assert points_of("[{points: 10, when: {c.passed: {more_than: 40}}}]", {"c.staff": 40}) == [(0, 0)]
    assert points_of("[{points: 10, when: {c.staff: {at_least: 10}}}]", {"c.passed": 12}) == [(1000, 1000)]
