"""The plain interpreter: what a rule gives when everything it reads is known."""

import pytest

from engine.evaluate import Unknown, holds, level, number, points, truth, worth
from engine.models.scoring import Judge
from engine.tree import (
    Add,
    All,
    Among,
    AnyOf,
    Chain,
    Compare,
    Const,
    Held,
    Linear,
    Pick,
    Quantity,
    Rung,
    Step,
    Take,
)

STAFF = Quantity("c.staff", "人数", "number", Linear((("staff", 1),)))
RATE = Quantity("c.rate", "合格率", "percent", Linear((("passed", 1),)), Linear((("staff", 1),)))
SOURCE = Judge(judge=1, guide="据实")


def compare(sign: str, const: int, guard: Linear | None = None) -> Compare:
    return Compare(Linear((("staff", 1),), -const), sign, guard, STAFF, "at_least", STAFF)  # type: ignore[arg-type]


def step(mode: str, bottom: Linear | None = None, most: int = 9) -> Step:
    return Step(Linear((("staff", 1),)), bottom or Linear((), 2), mode, 10, 0, 0, most, STAFF, SOURCE, ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sign", "below", "at", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("=", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_comparison_at_and_beside_its_limit(sign: str, below: bool, at: bool, above: bool) -> None:
    found = [truth(compare(sign, 5), {"staff": staff}) for staff in (4, 5, 6)]
    assert found == [below, at, above]


def test_unanswered_is_neither_yes_nor_no() -> None:
    yes, open_ = compare(">=", 0), Compare(Linear((("x", 1),)), ">=", None, STAFF, "at_least", STAFF)
    no = compare(">=", 9)
    known = {"staff": 5}
    assert truth(open_, known) is None
    assert truth(All((yes, open_)), known) is None
    assert truth(All((no, open_)), known) is False
    assert truth(AnyOf((yes, open_)), known) is True
    assert truth(AnyOf((no, open_)), known) is None
    assert truth(Among("kind", frozenset({"自营"}), STAFF, ("自营",)), known) is None
    assert truth(Among("kind", frozenset({"自营"}), STAFF, ("自营",)), {"kind": "自营"}) is True
    with pytest.raises(Unknown):
        holds(open_, known)


def test_dividing_by_nobody_has_no_value() -> None:
    guarded = compare(">=", 0, Linear((("staff", 1),)))
    assert truth(guarded, {"staff": 0}) is None
    assert truth(guarded, {}) is None
    assert worth(RATE, {"passed": 0, "staff": 0}) is None
    assert worth(RATE, {"passed": 47}) is None
    assert worth(RATE, {"passed": 47, "staff": 50}) * 100 == 94
    with pytest.raises(Unknown):
        level(step("floor", Linear((("staff", 1),))), {"staff": 0})
    with pytest.raises(Unknown):
        number(Linear((("x", 1),)), {})


@pytest.mark.parametrize(
    ("mode", "levels"), [("floor", [0, 0, 1, 1, 2]), ("ceil", [0, 1, 1, 2, 2]), ("half_up", [0, 1, 1, 2, 2])]
)
def test_staircases_round_as_they_say(mode: str, levels: list[int]) -> None:
    assert [level(step(mode), {"staff": staff}) for staff in range(5)] == levels
    assert level(step(mode, most=1), {"staff": 40}) == 1


def test_points_of_each_operator() -> None:
    three, five = Const(3), Const(5)
    few, many = compare(">=", 1), compare(">=", 10)
    known = {"staff": 5}
    assert points(Chain((Rung(many, five, ()), Rung(few, three, ())), ()), known) == 3
    assert points(Chain((Rung(many, five, ()), Rung(None, three, ())), ()), known) == 3
    assert points(Chain((Rung(many, five, ()),), ()), known) == 0
    assert points(Add((three, five), None, ()), known) == 8
    assert points(Add((three, five), 6, ()), known) == 6
    assert points(Take(7, (three, five), ()), known) == 0
    assert points(Take(10, (three,), ()), known) == 7
    assert points(Pick(True, (three, five), ()), known) == 5
    assert points(Pick(False, (three, five), ()), known) == 3
    assert points(Held((few, many), ((2, 5), (1, 3)), ()), known) == 3
    assert points(Held((many,), ((1, 3),), ()), known) == 0
    assert points(step("floor"), known) == 20
