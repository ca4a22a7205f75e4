"""Numbers about many scorecards: exact, and by hand on small ones."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.cohort import (
    bands,
    earned,
    edges,
    gaps,
    growth,
    heaviest,
    marks_of,
    mean,
    moved,
    quartiles,
    read_marks,
    share_of,
    unusual,
)
from tests.tiny import card, edition

TWO = """indicators:
- {id: one, title: 甲项, points: 6, score: {each: c.faults, points: 1, up_to: 6}}
- {id: two, title: 乙项, points: 4, score: [{points: 4, when: {c.licence: true}}]}
"""


def marks(**rows: tuple[str, str, str, str]):
    return read_marks({name: list(row) for name, row in rows.items()})


def test_marks_are_the_findings_as_text() -> None:
    found = marks_of(card(edition(TWO), {"c.faults": 5}))
    assert found == {"one": ["6", "5", "5", "settled"], "two": ["4", "0", "4", "open"]}
    assert read_marks(found)["one"].settled
    assert not read_marks(found)["two"].settled


def test_a_mean_is_rounded_once_at_the_end() -> None:
    assert mean([]) is None
    assert mean([Fraction(1), Fraction(1), Fraction(2)]) == "1.33"
    assert mean([Fraction("0.005"), Fraction("0.005")]) == "0.01"


def test_bands_take_their_lower_line_and_the_last_takes_the_full_points() -> None:
    totals = [Fraction(one) for one in ("0", "0.99", "1", "9.99", "10")]
    assert bands(totals, Fraction(10)) == (2, 1, 0, 0, 0, 0, 0, 0, 0, 2)


@given(st.lists(st.integers(0, 1000).map(lambda one: Fraction(one, 10))), st.integers(1, 12))
def test_every_total_is_in_one_band(totals, count) -> None:
    assert sum(bands(totals, Fraction(100), count)) == len(totals)


def test_the_hardest_comes_first_and_what_is_open_is_only_counted() -> None:
    found = earned(
        [
            marks(a=("4", "1", "1", "settled"), b=("2", "2", "2", "settled")),
            marks(a=("4", "0", "4", "open"), b=("2", "1", "1", "settled"), c=("2", "0", "2", "open")),
            marks(a=("4", "0", "0", "absent")),
        ]
    )
    assert [(one.indicator, one.rate, one.of, one.open) for one in found] == [
        ("a", "25", 1, 1),
        ("b", "75", 2, 0),
    ]


def test_gaps_are_second_less_first_the_largest_first() -> None:
    first = marks(a=("4", "3", "3", "settled"), b=("2", "2", "2", "settled"), c=("1", "0", "1", "open"))
    one = marks(a=("4", "1", "1", "settled"), b=("2", "2", "2", "settled"), c=("1", "1", "1", "settled"))
    two = marks(a=("4", "4", "4", "settled"))
    found = gaps([(first, one), (first, two)])
    assert [(gap.indicator, gap.mean, gap.size, gap.of, gap.changed) for gap in found] == [
        ("a", "-0.5", "1.5", 2, 2),
        ("b", "0", "0", 1, 0),
    ]


def test_quartiles_are_values_that_occur() -> None:
    assert quartiles([]) is None
    assert quartiles([Fraction(7)]) == ("7", "7", "7")
    assert quartiles([Fraction(one) for one in (1, 2, 3, 4)]) == ("1", "2", "3")


def test_the_edges_of_the_bands_are_exact() -> None:
    assert edges(Fraction(1000), 4) == (("0", "250"), ("250", "500"), ("500", "750"), ("750", "1000"))
    assert edges(Fraction(1), 3)[1] == ("0.333333", "0.666667")


def test_what_moved_is_told_from_the_largest_loss_to_the_largest_gain() -> None:
    first = [
        marks(a=("4", "4", "4", "settled"), b=("2", "0", "0", "settled"), gone=("1", "1", "1", "settled"))
    ]
    second = [
        marks(a=("8", "4", "4", "settled"), b=("2", "1", "1", "settled"), new=("1", "1", "1", "settled")),
        marks(a=("8", "0", "8", "open"), b=("2", "2", "2", "settled")),
    ]
    found = moved(first, second)
    assert [(one.indicator, one.before, one.after, one.change) for one in found] == [
        ("a", "100", "50", "-50"),
        ("b", "0", "75", "75"),
    ]


def test_growth_is_the_mean_of_the_changes_and_nothing_of_nobody() -> None:
    pairs = [(Fraction(1, 2), Fraction(3, 4)), (Fraction(1), Fraction(2, 3))]
    assert growth(pairs) == "-4.17"
    assert growth([]) is None
    assert (share_of(1, 3), share_of(0, 0)) == ("33.3", "0")


def shares(*points: int):
    return [marks(a=("4", str(one), str(one), "settled")) for one in points]


def test_what_lies_far_beyond_the_quartiles_and_is_rare_is_unusual() -> None:
    (one,) = unusual(shares(4)[0], shares(*[1] * 10, *[2] * 9, 4))
    assert (one.indicator, one.above, one.median, one.of, one.as_far) == ("a", True, "1", 20, 1)
    (one,) = unusual(shares(0)[0], shares(*[3] * 8, *[4] * 12))
    assert (one.above, one.median, one.as_far) == (False, "4", 0)


def test_what_many_have_or_nobody_can_tell_is_not_unusual() -> None:
    assert unusual(shares(4)[0], shares(*[1] * 17, 4, 4, 4)) == ()  # three of twenty are as far
    assert unusual(shares(3)[0], shares(*[1] * 6, *[2] * 6, *[3] * 6)) == ()  # not beyond the fences
    assert unusual(shares(4)[0], shares(*[1] * 9)) == ()  # too few others
    assert unusual(marks(a=("4", "0", "4", "open")), shares(*[1] * 20)) == ()
    assert unusual(shares(4)[0], [marks(a=("4", "0", "4", "open"))] * 20) == ()


def test_the_heaviest_weigh_more_than_three_quarters_of_all() -> None:
    fulls = {name: Fraction(one) for name, one in zip("abcdefgh", (1, 1, 1, 1, 2, 2, 3, 5), strict=True)}
    assert heaviest(fulls) == {"g", "h"}
    assert heaviest(dict.fromkeys("abc", Fraction(1))) == frozenset()
    assert heaviest({}) == frozenset()
