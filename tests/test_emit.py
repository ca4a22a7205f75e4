"""The written functions agree with the plain interpreter, or leave the answer to it."""

from typing import Any

import pytest
from hypothesis import given

from engine.answers import Stated, world_of
from engine.emit import emitted, source
from engine.evaluate import Unknown, points
from engine.models.submission import Given
from tests.small import Small, partial_answers, standards
from tests.tiny import edition, item


@given(standards(), partial_answers())
def test_a_written_function_never_disagrees(small: Small, answers: dict[str, Any]) -> None:
    stated = Stated({name: Given(value=value) for name, value in answers.items()}, {}, {}, "2024-06-30")
    world, _ = world_of(small.edition, stated)
    for leaf, fast in zip(small.edition.every_leaf, emitted(small.edition), strict=True):
        try:
            found = fast(world.known)
        except KeyError:
            continue
        assert found == points(leaf.node, world.known)


@given(standards(), partial_answers(open_at_most=0))
def test_it_answers_whenever_everything_is_known(small: Small, answers: dict[str, Any]) -> None:
    if "d.passed" not in answers:
        answers = answers | {"d.passed": 0}
    stated = Stated({name: Given(value=value) for name, value in answers.items()}, {}, {}, "2024-06-30")
    world, _ = world_of(small.edition, stated)
    for leaf, fast in zip(small.edition.every_leaf, emitted(small.edition), strict=True):
        assert fast(world.known) == points(leaf.node, world.known)


def test_dividing_by_nobody_is_left_to_the_interval() -> None:
    for score in (
        "[{points: 10, when: {c.rate: {at_least: 90%}}}]",
        "{linear: c.rate, from: [0%, 0], to: [100%, 10]}",
    ):
        of = edition(item(score))
        known = {"c.staff": 0, "c.passed": 0}
        with pytest.raises(KeyError):
            emitted(of)[0](known)
        with pytest.raises(Unknown):
            points(of.leaves[0].node, known)


def test_it_can_be_read() -> None:
    of = edition(
        item(
            "[{points: 10, when: {c.rate: {at_least: 90%}, c.kind: 自营}}, {points: 3, when: {c.licence: true}}]"
        )
    )
    assert source(of.leaves[0]) == (
        "(1000 if ((((k['c.staff'])>0 or unknown()) and (10*k['c.passed']+-9*k['c.staff']>=0)) and (k['c.kind'] in c2)) "
        "else (300 if (k['c.licence']+-1==0) else 0))"
    )
