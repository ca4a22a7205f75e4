"""Whether integers in ranges satisfy linear inequalities."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Domain
from engine.solve import BUDGET, feasible
from engine.tree import Linear

domains = st.tuples(st.integers(-3, 3), st.integers(0, 6)).map(lambda one: Domain(one[0], one[0] + one[1]))
factors = st.integers(-4, 4).filter(bool)


def form(const: int = 0, **terms: int) -> Linear:
    return Linear(tuple(terms.items()), const)


@given(
    st.fixed_dictionaries({"a": domains, "b": domains, "c": domains}),
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abc"), factors, min_size=1), st.integers(-6, 6), st.booleans()
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_agrees_with_trying_every_value(
    ranges: dict[str, Domain], drawn: list[tuple[dict[str, int], int, bool]]
) -> None:
    rows = [(Linear(tuple(terms.items()), const), strict) for terms, const, strict in drawn]

    def holds(row: tuple[Linear, bool], at: dict[str, int]) -> bool:
        value = row[0].const + sum(factor * at[var] for var, factor in row[0].terms)
        return value > 0 if row[1] else value >= 0

    tried = (
        dict(zip(ranges, values, strict=True))
        for values in itertools.product(*(range(int(d.low), int(d.high) + 1) for d in ranges.values()))
    )
    assert feasible(rows, ranges) == any(all(holds(row, at) for row in rows) for at in tried)


FAR = {"n": Domain(0, 10**9), "d": Domain(1, 10**9)}


def test_ratios_over_a_billion_are_settled_at_once() -> None:
    at_least_95, under_96 = (form(n=100, d=-95), False), (form(n=-100, d=96), True)
    under_95 = (form(n=-100, d=95), True)
    assert feasible([at_least_95, under_96], FAR)
    assert not feasible([at_least_95, under_95], FAR)


def test_no_fraction_between_the_lines_of_few_people() -> None:
    """95 % to 96 % (without the ends) cannot be met by fewer than 21 people."""
    few = {"n": Domain(0, 20), "d": Domain(1, 20)}
    assert not feasible([(form(n=100, d=-95), True), (form(n=-100, d=96), True)], few)


def test_computed_numbers_may_lie_between_whole_ones() -> None:
    rows = [(form(-1, x=3), False), (form(1, x=-3), False)]
    assert feasible(rows, {"x": Domain(0, 1, dense=True)})
    assert not feasible(rows, {"x": Domain(0, 1)})


def test_sums_of_many_options_need_no_elimination() -> None:
    options = {name: Domain(0, 1) for name in "abcdefg"}
    rows = [(Linear(tuple((name, 1) for name in options), -3), False), (form(0, a=-1, b=-1), False)]
    assert feasible(rows, options)


def test_out_of_budget_means_perhaps() -> None:
    """Seven odd coins never make an even sum; nobody may find out in the time there is, but nobody says yes for sure."""
    coins = {f"x{i}": Domain(0, 60) for i in range(9)}
    sums = Linear(tuple((name, 2 * 10**6) for name in coins), -(10**6) * 333 - 1)
    assert feasible([(sums, False), (-sums, False)], coins)
    assert BUDGET < 1000
